-- Airports, with a column of geometry.

CREATE TABLE airports (
    icao VARCHAR(4) NOT NULL COMMENT 'ICAO code, or the local one where there is none',
    iata CHAR(3) NULL,
    code_systems SET('icao', 'iata', 'lid') NOT NULL COMMENT 'who gave it a code; lid: the national authority',
    name VARCHAR(100) NOT NULL,
    municipality VARCHAR(64) NULL,
    subdivision VARCHAR(64) NULL,
    country_code CHAR(2) NOT NULL,
    city_id INT UNSIGNED NULL COMMENT 'the city of the municipality''s name in that country',
    elevation_ft DOUBLE NOT NULL COMMENT 'feet above the sea',
    location POINT NOT NULL COMMENT 'longitude and latitude in degrees',
    timezone VARCHAR(64) NOT NULL,
    PRIMARY KEY (icao),
    UNIQUE KEY airports_iata (iata),
    KEY airports_country (country_code),
    KEY airports_city (city_id),
    KEY airports_timezone (timezone),
    FULLTEXT KEY airports_name_words (name),
    CONSTRAINT airports_country FOREIGN KEY (country_code) REFERENCES countries (code),
    CONSTRAINT airports_city FOREIGN KEY (city_id) REFERENCES cities (id) ON DELETE SET NULL,
    CONSTRAINT airports_timezone FOREIGN KEY (timezone) REFERENCES timezones (name)
) COMMENT = 'Airports, airfields and heliports';
