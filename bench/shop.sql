-- 100,000 purchases of 1,000 customers, for comparisons of HTTP servers (docs/http-benchmarks.md).
CREATE TABLE customer (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    city VARCHAR(40) NULL
);
CREATE TABLE purchase (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id INT NOT NULL,
    reference VARCHAR(20) NOT NULL,
    note VARCHAR(100) NULL,
    total DECIMAL(10, 2) NOT NULL,
    weight DOUBLE NOT NULL,
    paid TINYINT(1) NOT NULL,
    day DATE NOT NULL,
    placed DATETIME NOT NULL,
    details JSON NULL,
    CONSTRAINT purchase_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);
CREATE TABLE digit (d INT NOT NULL PRIMARY KEY);
INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO customer
SELECT a.d * 100 + b.d * 10 + c.d + 1, CONCAT('Customer ', a.d, b.d, c.d), ELT(a.d + 1, 'Basel', 'Ghent', 'Århus')
FROM digit a, digit b, digit c;
INSERT INTO purchase
SELECT
    n + 1, n % 997 + 1, CONCAT('P-', LPAD(n, 8, '0')), IF(n % 7 = 0, NULL, CONCAT('ring twice – or leave ', n)),
    n * 37 % 1000000 / 100, n % 4000 / 8 + 0.0625, n % 3 = 0, '2024-01-01' + INTERVAL n % 700 DAY,
    '2024-01-01' + INTERVAL n * 613 SECOND, JSON_OBJECT('channel', IF(n % 2, 'web', 'shop'), 'score', n % 11)
FROM (
    SELECT a.d * 10000 + b.d * 1000 + c.d * 100 + e.d * 10 + f.d AS n
    FROM digit a, digit b, digit c, digit e, digit f
) AS numbers;
DROP TABLE digit;
ANALYZE TABLE customer, purchase;
