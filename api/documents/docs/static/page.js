"use strict";

const place = document.getElementById("swagger-ui");
const url = new URL(place.dataset.document, window.location.href).href;
let token = null;

// Dark or light, as the system is.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// The document lists what the caller's role may do, so each change of the token loads it again.
function use(value) {
  token = value;
  ui.specActions.download(url);
}

const followToken = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (original) => (payload) => {
          const done = original(payload);
          use(payload.token?.value ?? null);
          return done;
        },
        logout: (original) => (payload) => {
          const done = original(payload);
          use(null);
          return done;
        },
      },
    },
  },
});

// Swagger UI reads the document as YAML, which takes more time and memory than the browser's JSON parser.
const readJson = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        parseToJson: (original, system) => (text) => {
          let parsed;
          try {
            parsed = JSON.parse(text ?? system.specSelectors.specStr());
          } catch {
            return original(text);
          }
          system.errActions.clear({ source: "parser" });
          return system.specActions.updateJsonSpec(parsed);
        },
      },
    },
  },
});

const ui = SwaggerUIBundle({
  url,
  plugins: [followToken, readJson],
  requestInterceptor: (request) => {
    if (request.loadSpec && token !== null) request.headers.Authorization = `Bearer ${token}`;
    return request;
  },
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  showCommonExtensions: true,
  showExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
