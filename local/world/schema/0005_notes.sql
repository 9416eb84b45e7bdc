-- Notes of users, as an example of row policies: everybody reads the public ones, and users their own as well.
-- user_id is the claim `sub` of a token. Its collation tells "Ann" from "ann".
CREATE TABLE notes (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the claim sub of its owner',
    body VARCHAR(500) NOT NULL,
    is_public BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    INDEX (user_id)
) COMMENT = 'Notes of users: a token shows one''s own and the public ones';

ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON notes USING (user_id = auth.uid());
CREATE POLICY public_notes ON notes FOR SELECT USING (is_public);

INSERT INTO notes (user_id, body, is_public) VALUES
('ann', 'Vienna in May: the night train.', TRUE),
('ann', 'A present for Bob: a map of Bergen.', FALSE),
('bob', 'Lisbon is best in October.', TRUE),
('bob', 'Ask Ann about the night train.', FALSE);
