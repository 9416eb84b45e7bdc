-- A view that can be written through, one that cannot, a function and a procedure.

CREATE VIEW large_cities AS
SELECT id, name, country_code, latitude, longitude, population, timezone
FROM cities
WHERE population >= 1000000;

CREATE VIEW continent_statistics AS
SELECT
    continents.code,
    continents.name,
    COUNT(*) AS countries,
    SUM(countries.population) AS population,
    SUM(countries.area_km2) AS area_km2
FROM continents
INNER JOIN countries ON countries.continent_code = continents.code
GROUP BY continents.code, continents.name;

CREATE FUNCTION distance_km(latitude1 DOUBLE, longitude1 DOUBLE, latitude2 DOUBLE, longitude2 DOUBLE)
RETURNS DOUBLE
DETERMINISTIC NO SQL
COMMENT 'Distance between two points on the globe, in kilometres along the great circle'
RETURN 12742 * ASIN(
    SQRT(
        LEAST(
            1,
            POW(SIN(RADIANS(latitude2 - latitude1) / 2), 2)
            + COS(RADIANS(latitude1)) * COS(RADIANS(latitude2)) * POW(SIN(RADIANS(longitude2 - longitude1) / 2), 2)
        )
    )
);

CREATE PROCEDURE cities_near(IN at_latitude DOUBLE, IN at_longitude DOUBLE, IN radius_km DOUBLE)
READS SQL DATA
COMMENT 'Cities within a radius of a point, the nearest first'
SELECT
    cities.id,
    cities.name,
    cities.country_code,
    cities.population,
    ROUND(distance_km(at_latitude, at_longitude, cities.latitude, cities.longitude), 3) AS distance
FROM cities
WHERE
    cities.latitude BETWEEN at_latitude - radius_km / 111 AND at_latitude + radius_km / 111
    AND distance_km(at_latitude, at_longitude, cities.latitude, cities.longitude) <= radius_km
ORDER BY distance, cities.id;
