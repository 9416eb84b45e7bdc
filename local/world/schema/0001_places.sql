-- Continents, countries and what divides them. Valid on MySQL 8.0 and MariaDB 10.11 alike.

CREATE TABLE continents (
    code CHAR(2) NOT NULL COMMENT 'GeoNames continent code',
    name VARCHAR(32) NOT NULL,
    names JSON NOT NULL COMMENT 'name by language code, as in {"fr": "Europe"}',
    PRIMARY KEY (code),
    UNIQUE KEY continents_name (name)
) COMMENT = 'The seven continents';

CREATE TABLE countries (
    code CHAR(2) NOT NULL COMMENT 'ISO 3166-1 alpha-2',
    code3 CHAR(3) NOT NULL COMMENT 'ISO 3166-1 alpha-3',
    numeric_code SMALLINT UNSIGNED NULL COMMENT 'ISO 3166-1 numeric',
    name VARCHAR(64) NOT NULL,
    official_name VARCHAR(128) NULL,
    continent_code CHAR(2) NOT NULL,
    capital VARCHAR(64) NULL COMMENT 'as GeoNames spells it; table capitals leads to the city',
    area_km2 DECIMAL(12, 2) NOT NULL,
    population BIGINT UNSIGNED NOT NULL,
    population_density DECIMAL(12, 3) GENERATED ALWAYS AS (population / NULLIF(area_km2, 0)) STORED
        COMMENT 'inhabitants for each square kilometre',
    flag VARCHAR(8) CHARACTER SET utf8mb4 NULL COMMENT 'an emoji',
    weekend SET('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday') NOT NULL
        COMMENT 'days off; empty where nothing is known',
    first_weekday ENUM('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday') NULL
        COMMENT 'the day that calendars begin with',
    names JSON NOT NULL COMMENT 'name by language code, as in {"de": "Schweiz"}',
    facts JSON NOT NULL COMMENT 'telephone prefix, internet domain, form of postal codes',
    PRIMARY KEY (code),
    UNIQUE KEY countries_code3 (code3),
    KEY countries_name (name),
    CONSTRAINT countries_continent FOREIGN KEY (continent_code) REFERENCES continents (code),
    CONSTRAINT countries_area_positive CHECK (area_km2 >= 0)
) COMMENT = 'Countries and territories of ISO 3166, and Kosovo';

CREATE TABLE country_neighbours (
    country_code CHAR(2) NOT NULL,
    neighbour_code CHAR(2) NOT NULL,
    PRIMARY KEY (country_code, neighbour_code),
    KEY country_neighbours_neighbour (neighbour_code),
    CONSTRAINT country_neighbours_country FOREIGN KEY (country_code) REFERENCES countries (code) ON DELETE CASCADE,
    CONSTRAINT country_neighbours_neighbour FOREIGN KEY (neighbour_code) REFERENCES countries (code) ON DELETE CASCADE
) COMMENT = 'Which countries share a land border, in both directions';

CREATE TABLE subdivisions (
    code VARCHAR(6) NOT NULL COMMENT 'ISO 3166-2',
    country_code CHAR(2) NOT NULL,
    parent_code VARCHAR(6) NULL COMMENT 'the subdivision that this one is part of',
    name VARCHAR(64) NOT NULL,
    kind VARCHAR(64) NOT NULL COMMENT 'province, canton, parish, ...',
    PRIMARY KEY (code),
    KEY subdivisions_country (country_code),
    KEY subdivisions_parent (parent_code),
    CONSTRAINT subdivisions_country FOREIGN KEY (country_code) REFERENCES countries (code),
    CONSTRAINT subdivisions_parent FOREIGN KEY (parent_code) REFERENCES subdivisions (code)
) COMMENT = 'States, provinces and the like, as a tree';

CREATE TABLE timezones (
    name VARCHAR(64) NOT NULL COMMENT 'in the IANA time zone database',
    country_code CHAR(2) NULL,
    january_offset TIME NOT NULL COMMENT 'from UTC, on the first of January 2026',
    july_offset TIME NOT NULL COMMENT 'from UTC, on the first of July 2026',
    changes_clocks TINYINT(1) GENERATED ALWAYS AS (january_offset <> july_offset) STORED
        COMMENT 'whether it has a summer time',
    PRIMARY KEY (name),
    KEY timezones_country (country_code),
    CONSTRAINT timezones_country FOREIGN KEY (country_code) REFERENCES countries (code)
) COMMENT = 'The time zones that cities and airports lie in';

CREATE TABLE cities (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'GeoNames identifier',
    name VARCHAR(100) NOT NULL,
    country_code CHAR(2) NOT NULL,
    latitude DECIMAL(8, 5) NOT NULL COMMENT 'degrees north',
    longitude DECIMAL(8, 5) NOT NULL COMMENT 'degrees east',
    population INT UNSIGNED NOT NULL DEFAULT 0,
    timezone VARCHAR(64) NOT NULL,
    other_names JSON NOT NULL DEFAULT ('[]') COMMENT 'an array of names in other languages and scripts',
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
        COMMENT 'when this row was last changed in this database',
    PRIMARY KEY (id),
    KEY cities_country_population (country_code, population),
    KEY cities_name (name),
    KEY cities_population (population),
    KEY cities_timezone (timezone),
    FULLTEXT KEY cities_name_words (name),
    CONSTRAINT cities_country FOREIGN KEY (country_code) REFERENCES countries (code),
    CONSTRAINT cities_timezone FOREIGN KEY (timezone) REFERENCES timezones (name),
    CONSTRAINT cities_latitude_range CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT cities_longitude_range CHECK (longitude BETWEEN -180 AND 180)
) COMMENT = 'Cities of more than 15,000 inhabitants, and capitals';

CREATE TABLE capitals (
    country_code CHAR(2) NOT NULL,
    city_id INT UNSIGNED NOT NULL,
    PRIMARY KEY (country_code),
    UNIQUE KEY capitals_city (city_id),
    CONSTRAINT capitals_country FOREIGN KEY (country_code) REFERENCES countries (code) ON DELETE CASCADE,
    CONSTRAINT capitals_city FOREIGN KEY (city_id) REFERENCES cities (id) ON DELETE CASCADE
) COMMENT = 'The capital of each country, one to one';
