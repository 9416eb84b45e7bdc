-- A small shop with every kind of relationship, and names that must be quoted in the grammar, in SQL or in URLs.

CREATE TABLE customer (
    id INT NOT NULL PRIMARY KEY,
    name VARCHAR(50) NOT NULL,
    code VARCHAR(10) COLLATE utf8mb4_general_ci NOT NULL,
    referrer_id INT NULL,
    data JSON NULL,
    born DATE NULL,
    score DECIMAL(8, 2) NULL,
    UNIQUE KEY customer_code (code),
    CONSTRAINT customer_referrer FOREIGN KEY (referrer_id) REFERENCES customer (id)
);
INSERT INTO customer VALUES
(1, 'Ann', 'AU', NULL, '{"a": 1, "b": {"c": [10, 20, 30]}, "s": "x", "n": null}', '1990-01-02', 10.50),
(2, 'Bob', 'be', 1, '{"a": 2, "b": {"c": []}, "s": "Y"}', '1985-05-06', NULL),
(3, 'Cy', 'CH', 1, '[1, "two", {"three": 3}]', NULL, -3.25),
(4, 'ann', 'dk', 2, NULL, '2000-12-31', 10.50);

CREATE TABLE profile (
    customer_id INT NOT NULL PRIMARY KEY,
    bio VARCHAR(100) NULL,
    CONSTRAINT profile_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);
INSERT INTO profile VALUES (1, 'likes "quotes" and \\'), (3, NULL);

CREATE TABLE address (id INT NOT NULL PRIMARY KEY, city VARCHAR(30) NOT NULL);
INSERT INTO address VALUES (1, 'Basel'), (2, 'Ghent'), (3, 'Århus');

CREATE TABLE purchase (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id INT NOT NULL,
    billing_id INT NULL,
    shipping_id INT NULL,
    placed DATETIME(3) NOT NULL,
    status ENUM('new', 'paid', 'sent') NULL,
    total DECIMAL(10, 2) NOT NULL,
    CONSTRAINT purchase_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
    CONSTRAINT purchase_billing FOREIGN KEY (billing_id) REFERENCES address (id),
    CONSTRAINT purchase_shipping FOREIGN KEY (shipping_id) REFERENCES address (id)
);
INSERT INTO purchase VALUES
(1, 1, 1, 2, '2024-01-01 10:00:00.125', 'sent', 30.00),
(2, 1, 1, NULL, '2024-02-01 11:00:00', 'new', 5.50),
(3, 2, NULL, 3, '2024-03-01 12:00:00', 'paid', 12.25),
(4, 4, 3, 3, '2024-03-01 12:00:00', NULL, 0.00);

CREATE TABLE product (
    sku VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    price DECIMAL(10, 2) NULL,
    weight DOUBLE NULL,
    active TINYINT(1) NULL,
    tags JSON NULL,
    colours SET('red', 'green', 'blue') NULL,
    description TEXT NULL,
    FULLTEXT KEY product_words (description)
);
INSERT INTO product VALUES
('A-1', 'apple', 1.50, 0.1, 1, '["fruit", "fresh"]', 'red,green', 'A crisp red apple from the garden'),
('b-2', 'bread', 3.25, 0.5, 1, '["bakery"]', '', 'Fresh bread with a golden crust'),
('C-3', 'cheese', 12.00, NULL, 0, '{"kind": "hard"}', 'blue', 'Blue cheese, matured in caves'),
('D-4', 'dates', NULL, 0.25, NULL, NULL, NULL, NULL);

CREATE TABLE item (
    purchase_id BIGINT NOT NULL,
    line INT NOT NULL,
    sku VARCHAR(20) COLLATE utf8mb4_general_ci NULL,
    qty INT NOT NULL,
    PRIMARY KEY (purchase_id, line),
    CONSTRAINT item_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    CONSTRAINT item_product FOREIGN KEY (sku) REFERENCES product (sku)
);
INSERT INTO item VALUES (1, 1, 'a-1', 4), (1, 2, 'C-3', 2), (2, 1, 'B-2', 1), (3, 1, 'a-1', 8), (3, 2, NULL, 1);

CREATE TABLE label (id INT NOT NULL PRIMARY KEY, word VARCHAR(20) NOT NULL);
INSERT INTO label VALUES (1, 'organic'), (2, 'local'), (3, 'unused');
CREATE TABLE product_label (
    sku VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL,
    label_id INT NOT NULL,
    PRIMARY KEY (sku, label_id),
    CONSTRAINT product_label_product FOREIGN KEY (sku) REFERENCES product (sku),
    CONSTRAINT product_label_label FOREIGN KEY (label_id) REFERENCES label (id)
);
INSERT INTO product_label VALUES ('a-1', 1), ('A-1', 2), ('B-2', 2);

CREATE TABLE room (building CHAR(1) NOT NULL, number INT NOT NULL, seats INT NOT NULL, PRIMARY KEY (building, number));
INSERT INTO room VALUES ('A', 1, 10), ('A', 2, 20), ('B', 1, 30);
CREATE TABLE person (first VARCHAR(10) NOT NULL, last VARCHAR(10) NOT NULL, PRIMARY KEY (first, last));
INSERT INTO person VALUES ('Jo', 'Ek'), ('Jo', 'Lu'), ('Mi', 'Ek');
CREATE TABLE booking (
    building CHAR(1) NOT NULL,
    number INT NOT NULL,
    first VARCHAR(10) NOT NULL,
    last VARCHAR(10) NOT NULL,
    day DATE NOT NULL,
    PRIMARY KEY (building, number, first, last),
    CONSTRAINT booking_room FOREIGN KEY (building, number) REFERENCES room (building, number),
    CONSTRAINT booking_person FOREIGN KEY (first, last) REFERENCES person (first, last)
);
INSERT INTO booking VALUES
('A', 1, 'Jo', 'Ek', '2024-01-01'), ('A', 1, 'Mi', 'Ek', '2024-01-02'), ('B', 1, 'Jo', 'Ek', '2024-01-03');

CREATE TABLE friend (
    customer_id INT NOT NULL,
    other_id INT NOT NULL,
    PRIMARY KEY (customer_id, other_id),
    CONSTRAINT friend_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
    CONSTRAINT friend_other FOREIGN KEY (other_id) REFERENCES customer (id)
);
INSERT INTO friend VALUES (1, 2), (1, 3), (2, 4);

CREATE TABLE visit (
    id INT NOT NULL PRIMARY KEY,
    customer_code VARCHAR(10) COLLATE utf8mb4_general_ci NULL,
    CONSTRAINT visit_customer FOREIGN KEY (customer_code) REFERENCES customer (code)
);
INSERT INTO visit VALUES (1, 'au'), (2, 'AU'), (3, 'BE'), (4, NULL);

CREATE TABLE account (number DECIMAL(20, 0) NOT NULL PRIMARY KEY, owner VARCHAR(10) NOT NULL);
INSERT INTO account VALUES (90071992547409930001, 'x'), (90071992547409930002, 'y');
CREATE TABLE transfer (
    id INT NOT NULL PRIMARY KEY,
    account DECIMAL(20, 0) NOT NULL,
    CONSTRAINT transfer_account FOREIGN KEY (account) REFERENCES account (number)
);
INSERT INTO transfer VALUES (1, 90071992547409930001), (2, 90071992547409930002), (3, 90071992547409930002);

CREATE TABLE device (id BINARY(4) NOT NULL PRIMARY KEY, name VARCHAR(10) NOT NULL);
INSERT INTO device VALUES (X'00FF10C3', 'odd'), (X'27225C25', 'quoted');
CREATE TABLE measurement (
    id INT NOT NULL PRIMARY KEY,
    device_id BINARY(4) NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT measurement_device FOREIGN KEY (device_id) REFERENCES device (id)
);
INSERT INTO measurement VALUES (1, X'00FF10C3', '2024-01-01'), (2, X'27225C25', '2024-01-01'), (3, X'00FF10C3', '2024-01-02');
CREATE TABLE calendar (day DATE NOT NULL PRIMARY KEY, feast VARCHAR(20) NULL);
INSERT INTO calendar VALUES ('2024-01-01', 'New Year'), ('2024-01-02', NULL);
ALTER TABLE measurement ADD CONSTRAINT measurement_day FOREIGN KEY (day) REFERENCES calendar (day);

CREATE TABLE keyless (customer_id INT NULL, word VARCHAR(10) NULL, CONSTRAINT keyless_customer FOREIGN KEY (customer_id) REFERENCES customer (id));
INSERT INTO keyless VALUES (1, 'b'), (1, 'a'), (1, 'a'), (NULL, 'c');

CREATE VIEW customer_names AS SELECT id, name AS full_name FROM customer;
CREATE VIEW purchase_detail AS
SELECT purchase.id, purchase.customer_id, customer.name, purchase.total
FROM purchase INNER JOIN customer ON customer.id = purchase.customer_id;
CREATE VIEW customer_totals AS SELECT customer_id, COUNT(*) AS purchases, SUM(total) AS total FROM purchase GROUP BY customer_id;

CREATE TABLE `order` (
    `select` INT NOT NULL PRIMARY KEY,
    `50%` VARCHAR(20) NULL,
    `back``tick` VARCHAR(20) NULL,
    `with space` INT NULL,
    `e.f` INT NULL,
    `a,b` INT NULL,
    `(par)` INT NULL,
    `☃` VARCHAR(20) NULL,
    `UPPER` JSON NULL,
    `dq"uote` INT NULL,
    `->` INT NULL,
    `a:b` INT NULL,
    `not` INT NULL,
    `limit` INT NULL
);
INSERT INTO `order` VALUES
(1, '100%', '`x`', 2, 3, 4, 5, '😀', '{"k.1": {"😀 \\"q\\"": 7}}', 6, 7, 8, 9, 10),
(2, 'a%s', NULL, NULL, NULL, NULL, NULL, 'snow', NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE `50% of.all` (
    id INT NOT NULL PRIMARY KEY,
    `the order` INT NULL,
    CONSTRAINT `100% ``sure``` FOREIGN KEY (`the order`) REFERENCES `order` (`select`)
);
INSERT INTO `50% of.all` VALUES (1, 1), (2, 1), (3, NULL);
