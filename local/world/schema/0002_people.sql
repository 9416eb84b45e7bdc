-- Languages and currencies, and where they are in use.

CREATE TABLE languages (
    code CHAR(3) NOT NULL COMMENT 'ISO 639-3',
    code2 CHAR(2) NULL COMMENT 'ISO 639-1',
    name VARCHAR(80) NOT NULL,
    native_name VARCHAR(80) NULL COMMENT 'what its speakers call it',
    scope ENUM('individual', 'macrolanguage', 'special') NOT NULL,
    kind ENUM('living', 'historical', 'extinct', 'constructed', 'special') NOT NULL,
    PRIMARY KEY (code),
    UNIQUE KEY languages_code2 (code2),
    KEY languages_name (name)
) COMMENT = 'Every language of ISO 639-3';

CREATE TABLE country_languages (
    country_code CHAR(2) NOT NULL,
    language_code CHAR(3) NOT NULL,
    share DECIMAL(6, 3) NOT NULL COMMENT 'percent of the inhabitants who use it',
    status ENUM('official', 'de facto official', 'regionally official') NULL,
    PRIMARY KEY (country_code, language_code),
    KEY country_languages_language (language_code),
    CONSTRAINT country_languages_country FOREIGN KEY (country_code) REFERENCES countries (code) ON DELETE CASCADE,
    CONSTRAINT country_languages_language FOREIGN KEY (language_code) REFERENCES languages (code) ON DELETE CASCADE,
    CONSTRAINT country_languages_share_range CHECK (share BETWEEN 0 AND 100)
) COMMENT = 'Which languages are used in which country';

CREATE TABLE currencies (
    code CHAR(3) NOT NULL COMMENT 'ISO 4217',
    name VARCHAR(80) NOT NULL,
    symbol VARCHAR(8) NOT NULL,
    decimal_digits TINYINT UNSIGNED NOT NULL,
    in_use TINYINT(1) NOT NULL COMMENT 'false for currencies of the past',
    PRIMARY KEY (code)
) COMMENT = 'Currencies of today and of the past';

CREATE TABLE country_currencies (
    country_code CHAR(2) NOT NULL,
    currency_code CHAR(3) NOT NULL,
    valid_from DATE NULL COMMENT 'unknown for the oldest',
    valid_until DATE NULL COMMENT 'null: still valid',
    legal_tender TINYINT(1) NOT NULL,
    PRIMARY KEY (country_code, currency_code),
    KEY country_currencies_currency (currency_code),
    CONSTRAINT country_currencies_country FOREIGN KEY (country_code) REFERENCES countries (code) ON DELETE CASCADE,
    CONSTRAINT country_currencies_currency FOREIGN KEY (currency_code) REFERENCES currencies (code) ON DELETE CASCADE
) COMMENT = 'Which currencies were valid in which country, and when last';
