-- The state that every call starts from.
DELETE FROM members;
DELETE FROM games;
DELETE FROM messages;
DELETE FROM users;
DELETE FROM teams;
DELETE FROM instruments;
DELETE FROM orchestral_sections;
DELETE FROM countries;
DELETE FROM characters;
INSERT INTO characters VALUES (1, 'Luke', 'Tatooine'), (2, 'Leia', NULL), (3, 'Han', 'Corellia');
INSERT INTO countries VALUES (1, 'Afghanistan', 'AF'), (2, 'Albania', 'AL'), (3, 'Algeria', 'DZ'), (4, NULL, NULL);
INSERT INTO orchestral_sections VALUES (1, 'strings'), (2, 'woodwinds'), (3, 'percussion');
INSERT INTO instruments VALUES (1, 1, 'violin', 1), (2, 1, 'harp', 0), (3, 2, 'flute', 1), (4, NULL, 'theremin', 1);
INSERT INTO users VALUES
(1, 'Kiran', 'kiran', 'hello', '{"city": "Amsterdam", "street": "Tree", "postcode": 1234}', 10.50, '1990-01-02'),
(2, 'Evan', 'evan', NULL, '{"city": "Basel", "postcode": 90210, "tags": ["a", "b"]}', 0.00, NULL),
(3, 'Wen', NULL, NULL, NULL, 99.99, '2000-12-31');
INSERT INTO teams VALUES (1, 'Green'), (2, 'Blue');
INSERT INTO members VALUES (1, 1, 'captain'), (1, 2, NULL), (2, 2, 'keeper');
INSERT INTO games VALUES (1, 1, 2);
INSERT INTO messages VALUES (1, '👋', 1, 2, '2024-01-02 03:04:05'), (2, 'lunch?', 2, 1, '2024-01-02 04:04:05');
