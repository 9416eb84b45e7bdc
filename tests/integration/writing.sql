-- Tables for the writing tests: every kind of key, default and column that a write must handle.

CREATE TABLE author (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    email VARCHAR(60) COLLATE utf8mb4_general_ci NULL,
    rank_number INT NOT NULL DEFAULT 0,
    made TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    UNIQUE KEY author_email (email),
    CONSTRAINT author_rank CHECK (rank_number >= 0)
);
CREATE TABLE book (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    author_id INT NOT NULL,
    title VARCHAR(20) NOT NULL,
    price DECIMAL(6, 2) NULL,
    gross DECIMAL(8, 2) GENERATED ALWAYS AS (price * 1.1) STORED,
    tags JSON NULL,
    cover BLOB NULL,
    published DATE NULL,
    format ENUM('hard', 'soft') NULL,
    CONSTRAINT book_author FOREIGN KEY (author_id) REFERENCES author (id)
);
CREATE TABLE token (
    id CHAR(36) NOT NULL DEFAULT (uuid()) PRIMARY KEY,
    label VARCHAR(20) NULL,
    UNIQUE KEY token_label (label)
);
CREATE TABLE seat (
    hall VARCHAR(10) NOT NULL DEFAULT 'main',
    number INT NOT NULL,
    guest VARCHAR(20) NULL,
    PRIMARY KEY (hall, number)
);
CREATE TABLE reading (
    sensor INT NULL,
    word VARCHAR(20) NULL,
    at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
);
CREATE TABLE stamped (
    id VARCHAR(20) NOT NULL PRIMARY KEY,
    word VARCHAR(20) NULL,
    changed INT NOT NULL DEFAULT 0
);
CREATE TABLE numbered (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    word VARCHAR(20) NULL
);
CREATE TABLE slot (
    room VARCHAR(10) NULL,
    day DATE NULL,
    starts DATETIME(0) NULL,
    weight DECIMAL(6, 2) NULL,
    code BINARY(4) NULL,
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    UNIQUE KEY slot_room_day (room, day),
    UNIQUE KEY slot_starts (starts),
    UNIQUE KEY slot_weight (weight),
    UNIQUE KEY slot_code (code)
);
CREATE TABLE amount (value DECIMAL(20, 3) NOT NULL PRIMARY KEY, flag BIT(1) NULL, mask BIT(5) NULL);
CREATE TABLE flagged (id INT NOT NULL PRIMARY KEY, done TINYINT(1) NULL, wide TINYINT NULL, flag BIT(1) NULL, mask BIT(5) NULL);
INSERT INTO flagged VALUES (1, 1, 1, b'1', b'1'), (2, 0, 0, b'0', b'0'), (3, NULL, NULL, NULL, NULL);
CREATE TABLE document (id INT NOT NULL PRIMARY KEY, content LONGTEXT NULL);
CREATE TABLE empty_defaults (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, word VARCHAR(10) NULL DEFAULT 'w');
CREATE TABLE part (
    id INT NOT NULL PRIMARY KEY,
    whole_id INT NULL,
    CONSTRAINT part_whole FOREIGN KEY (whole_id) REFERENCES part (id)
);
CREATE TABLE padded (code CHAR(5) NOT NULL, bytes BINARY(4) NOT NULL, PRIMARY KEY (code, bytes));
CREATE TABLE place (id INT NOT NULL PRIMARY KEY, spot POINT NULL);
CREATE TABLE `odd %s name` (`key %` INT NOT NULL PRIMARY KEY, `va``l` VARCHAR(10) NULL);
CREATE VIEW cheap_book AS SELECT id, author_id, title, price FROM book WHERE price < 10;
CREATE VIEW author_totals AS SELECT author_id, COUNT(*) AS books FROM book GROUP BY author_id;
CREATE TRIGGER stamped_insert BEFORE INSERT ON stamped FOR EACH ROW SET NEW.word = UPPER(NEW.word);
CREATE TRIGGER stamped_update BEFORE UPDATE ON stamped FOR EACH ROW SET NEW.changed = OLD.changed + 1;
CREATE TRIGGER numbered_insert BEFORE INSERT ON numbered FOR EACH ROW SET NEW.id = IFNULL(NULLIF(NEW.id, ''), UUID());
CREATE FUNCTION add_up(a INT, b INT) RETURNS INT NO SQL DETERMINISTIC RETURN a + b;
CREATE FUNCTION half(x DECIMAL(8, 2)) RETURNS DECIMAL(8, 3) NO SQL DETERMINISTIC RETURN x / 2;
CREATE FUNCTION is_even(x INT) RETURNS TINYINT(1) NO SQL DETERMINISTIC RETURN x % 2 = 0;
CREATE FUNCTION single(x FLOAT) RETURNS FLOAT NO SQL DETERMINISTIC RETURN x;
CREATE FUNCTION as_json(x VARCHAR(20)) RETURNS JSON NO SQL DETERMINISTIC RETURN JSON_OBJECT('x', x);
CREATE FUNCTION next_author(who VARCHAR(40)) RETURNS INT MODIFIES SQL DATA
BEGIN INSERT INTO author (name) VALUES (who); RETURN LAST_INSERT_ID(); END;
CREATE PROCEDURE authors_above(IN least INT) READS SQL DATA
SELECT id, name, rank_number, made, rank_number * 1.50 AS weighted, email FROM author WHERE rank_number > least ORDER BY id;
CREATE PROCEDURE add_author(IN who VARCHAR(40), IN place INT) MODIFIES SQL DATA
INSERT INTO author (name, rank_number) VALUES (who, place);
CREATE PROCEDURE liar(IN who VARCHAR(40)) READS SQL DATA INSERT INTO author (name) VALUES (who);
CREATE PROCEDURE refuses(IN reason VARCHAR(40)) MODIFIES SQL DATA
BEGIN INSERT INTO author (name) VALUES (reason); SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = reason; END;
CREATE PROCEDURE typed() READS SQL DATA
SELECT 1 AS i, CAST(2.50 AS DECIMAL(5, 2)) AS d, 1.5e0 AS f, 'x' AS t, DATE '2024-01-02' AS day, NULL AS nothing,
CAST('2024-01-02 03:04:05' AS DATETIME(3)) AS moment, X'00FF' AS bytes;
CREATE PROCEDURE flags() READS SQL DATA
SELECT done, wide, flag, mask FROM flagged ORDER BY id;
