-- The tables of the clients' documentation, adapted to MySQL: JSON for arrays, FULLTEXT keys for tsvector.

CREATE TABLE characters (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, homeworld VARCHAR(40) NULL);
CREATE TABLE countries (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NULL, code CHAR(2) NULL, UNIQUE KEY countries_code (code));
CREATE TABLE orchestral_sections (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE instruments (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    section_id INT NULL,
    name VARCHAR(40) NOT NULL,
    available TINYINT(1) NOT NULL DEFAULT 1,
    CONSTRAINT instruments_section_id_fkey FOREIGN KEY (section_id) REFERENCES orchestral_sections (id)
);
CREATE TABLE `orchestral sections` (id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE `musical instruments` (
    id INT NOT NULL PRIMARY KEY,
    section_id INT NOT NULL,
    name VARCHAR(40) NOT NULL,
    FOREIGN KEY (section_id) REFERENCES `orchestral sections` (id)
);
CREATE TABLE users (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40) NULL,
    username VARCHAR(40) NULL,
    message VARCHAR(40) NULL,
    address JSON NULL,
    balance DECIMAL(12, 2) NOT NULL DEFAULT 0,
    born DATE NULL,
    UNIQUE KEY users_username_key (username),
    CONSTRAINT users_balance_check CHECK (balance >= 0)
);
CREATE TABLE teams (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE members (
    user_id INT NOT NULL,
    team_id INT NOT NULL,
    role VARCHAR(20) NULL,
    PRIMARY KEY (user_id, team_id),
    FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (team_id) REFERENCES teams (id)
);
CREATE TABLE games (
    id INT NOT NULL PRIMARY KEY,
    away_team INT NOT NULL,
    home_team INT NOT NULL,
    CONSTRAINT games_away_team_fkey FOREIGN KEY (away_team) REFERENCES teams (id),
    CONSTRAINT games_home_team_fkey FOREIGN KEY (home_team) REFERENCES teams (id)
);
CREATE TABLE messages (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    content VARCHAR(100) NOT NULL,
    sender_id INT NOT NULL,
    receiver_id INT NOT NULL,
    sent TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES users (id),
    CONSTRAINT messages_receiver_id_fkey FOREIGN KEY (receiver_id) REFERENCES users (id)
);
CREATE TABLE issues (id INT NOT NULL PRIMARY KEY, title VARCHAR(40) NOT NULL, tags JSON NOT NULL);
CREATE TABLE classes (id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, days JSON NOT NULL);
CREATE TABLE reservations (id INT NOT NULL PRIMARY KEY, room VARCHAR(40) NOT NULL, during VARCHAR(60) NOT NULL);
CREATE TABLE quotes (id INT NOT NULL PRIMARY KEY, catchphrase TEXT NOT NULL, FULLTEXT KEY quotes_catchphrase (catchphrase));
CREATE TABLE places (id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, location POINT NOT NULL);
CREATE FUNCTION hello_world() RETURNS VARCHAR(40) NO SQL DETERMINISTIC RETURN 'Hello world';
CREATE FUNCTION echo(say VARCHAR(40)) RETURNS VARCHAR(40) NO SQL DETERMINISTIC RETURN say;
CREATE FUNCTION add_them(a INT, b INT) RETURNS INT NO SQL DETERMINISTIC RETURN a + b;
CREATE FUNCTION add_one_each(arr JSON) RETURNS JSON NO SQL DETERMINISTIC
RETURN (SELECT JSON_ARRAYAGG(each_one.n + 1) FROM JSON_TABLE(arr, '$[*]' COLUMNS (n INT PATH '$')) each_one);
CREATE PROCEDURE list_stored_countries() READS SQL DATA SELECT id, name FROM countries ORDER BY id;
CREATE PROCEDURE rename_country(IN country INT, IN new_name VARCHAR(40)) MODIFIES SQL DATA
UPDATE countries SET name = new_name WHERE id = country;
CREATE PROCEDURE fail_always() MODIFIES SQL DATA SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'always fails';
INSERT INTO `orchestral sections` VALUES (1, 'strings'), (2, 'woodwinds');
INSERT INTO `musical instruments` VALUES (1, 1, 'harp'), (2, 2, 'flute');
INSERT INTO issues VALUES
(1, 'Cache invalidation is not working', '["is:open", "severity:high", "priority:low"]'),
(2, 'Use better names', '["is:open", "severity:low", "priority:medium"]'),
(3, 'Add missing postgrest filters', '["is:closed", "severity:high"]');
INSERT INTO classes VALUES (1, 'Chemistry', '["monday", "friday"]'), (2, 'History', '["monday", "wednesday", "thursday"]');
INSERT INTO reservations VALUES (1, 'Emerald', '[2000-01-01 13:00, 2000-01-01 15:00)');
INSERT INTO quotes VALUES
(1, 'the fat cat sat on the mat'), (2, 'a cat that is very fat'), (3, 'green eggs and ham'), (4, 'the dog chased a cat');
INSERT INTO places VALUES (1, 'Null Island', ST_GeomFromText('POINT(0 0)')), (2, 'Basel', ST_GeomFromText('POINT(7.5 47.5)'));
