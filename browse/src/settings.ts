/** What the server says of itself in the page: limits of one write, and where people log in. */

export interface Login {
  /** Of Cognito's hosted pages, as in `https://shop.auth.eu-central-1.amazoncognito.com`. */
  origin: string;
  clientId: string;
}

const { dataset } = document.documentElement;

export const LIMITS = {
  maxWriteRows: Number(dataset.maxWriteRows),
  maxBodyBytes: Number(dataset.maxBodyBytes),
};

export const LOGIN: Login | null =
  dataset.loginOrigin && dataset.loginClient ? { origin: dataset.loginOrigin, clientId: dataset.loginClient } : null;

export const DATABASE = dataset.database ?? "";
