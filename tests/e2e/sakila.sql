CREATE TABLE actor (
    actor_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    first_name VARCHAR(45) NOT NULL, last_name VARCHAR(45) NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, KEY (last_name)
);
CREATE TABLE category (
    category_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(25) NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE language (
    language_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name CHAR(20) NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE film (
    film_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(128) NOT NULL, description TEXT,
    release_year YEAR, language_id TINYINT UNSIGNED NOT NULL, original_language_id TINYINT UNSIGNED,
    rental_duration TINYINT UNSIGNED NOT NULL DEFAULT 3, rental_rate DECIMAL(4, 2) NOT NULL DEFAULT 4.99,
    length SMALLINT UNSIGNED, replacement_cost DECIMAL(5, 2) NOT NULL DEFAULT 19.99,
    rating ENUM('G', 'PG', 'PG-13', 'R', 'NC-17') DEFAULT 'G',
    special_features SET('Trailers', 'Commentaries', 'Deleted Scenes', 'Behind the Scenes'),
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FULLTEXT KEY idx_title_description (title, description),
    CONSTRAINT film_language FOREIGN KEY (language_id) REFERENCES language (language_id),
    CONSTRAINT film_original_language FOREIGN KEY (original_language_id) REFERENCES language (language_id)
);
CREATE TABLE film_actor (
    actor_id SMALLINT UNSIGNED NOT NULL, film_id SMALLINT UNSIGNED NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (actor_id, film_id),
    CONSTRAINT film_actor_actor FOREIGN KEY (actor_id) REFERENCES actor (actor_id),
    CONSTRAINT film_actor_film FOREIGN KEY (film_id) REFERENCES film (film_id)
);
CREATE TABLE film_category (
    film_id SMALLINT UNSIGNED NOT NULL, category_id TINYINT UNSIGNED NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (film_id, category_id),
    CONSTRAINT film_category_film FOREIGN KEY (film_id) REFERENCES film (film_id),
    CONSTRAINT film_category_category FOREIGN KEY (category_id) REFERENCES category (category_id)
);
CREATE TABLE country (
    country_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, country VARCHAR(50) NOT NULL
);
CREATE TABLE city (
    city_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, city VARCHAR(50) NOT NULL,
    country_id SMALLINT UNSIGNED NOT NULL,
    CONSTRAINT city_country FOREIGN KEY (country_id) REFERENCES country (country_id)
);
CREATE TABLE address (
    address_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, address VARCHAR(50) NOT NULL, address2 VARCHAR(50),
    district VARCHAR(20) NOT NULL, city_id SMALLINT UNSIGNED NOT NULL, postal_code VARCHAR(10), phone VARCHAR(20) NOT NULL,
    location GEOMETRY NOT NULL, SPATIAL KEY idx_location (location),
    CONSTRAINT address_city FOREIGN KEY (city_id) REFERENCES city (city_id)
);
CREATE TABLE store (
    store_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, manager_staff_id TINYINT UNSIGNED NOT NULL,
    address_id SMALLINT UNSIGNED NOT NULL, last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE KEY (manager_staff_id), CONSTRAINT store_address FOREIGN KEY (address_id) REFERENCES address (address_id)
);
CREATE TABLE staff (
    staff_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, first_name VARCHAR(45) NOT NULL,
    address_id SMALLINT UNSIGNED NOT NULL, picture BLOB, email VARCHAR(50), store_id TINYINT UNSIGNED NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE, username VARCHAR(16) NOT NULL, password VARCHAR(40) COLLATE utf8mb4_bin,
    CONSTRAINT staff_store FOREIGN KEY (store_id) REFERENCES store (store_id),
    CONSTRAINT staff_address FOREIGN KEY (address_id) REFERENCES address (address_id)
);
CREATE TABLE customer (
    customer_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, store_id TINYINT UNSIGNED NOT NULL,
    first_name VARCHAR(45) NOT NULL, last_name VARCHAR(45) NOT NULL, email VARCHAR(50),
    address_id SMALLINT UNSIGNED NOT NULL, active BOOLEAN NOT NULL DEFAULT TRUE, create_date DATETIME NOT NULL,
    last_update TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT customer_address FOREIGN KEY (address_id) REFERENCES address (address_id),
    CONSTRAINT customer_store FOREIGN KEY (store_id) REFERENCES store (store_id)
);
CREATE TABLE inventory (
    inventory_id MEDIUMINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, film_id SMALLINT UNSIGNED NOT NULL,
    store_id TINYINT UNSIGNED NOT NULL, last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT inventory_store FOREIGN KEY (store_id) REFERENCES store (store_id),
    CONSTRAINT inventory_film FOREIGN KEY (film_id) REFERENCES film (film_id)
);
CREATE TABLE rental (
    rental_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, rental_date DATETIME NOT NULL,
    inventory_id MEDIUMINT UNSIGNED NOT NULL, customer_id SMALLINT UNSIGNED NOT NULL, return_date DATETIME,
    staff_id TINYINT UNSIGNED NOT NULL, UNIQUE KEY (rental_date, inventory_id, customer_id),
    CONSTRAINT rental_staff FOREIGN KEY (staff_id) REFERENCES staff (staff_id),
    CONSTRAINT rental_inventory FOREIGN KEY (inventory_id) REFERENCES inventory (inventory_id),
    CONSTRAINT rental_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id)
);
CREATE TABLE payment (
    payment_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id SMALLINT UNSIGNED NOT NULL,
    staff_id TINYINT UNSIGNED NOT NULL, rental_id INT, amount DECIMAL(5, 2) NOT NULL, payment_date DATETIME NOT NULL,
    CONSTRAINT payment_rental FOREIGN KEY (rental_id) REFERENCES rental (rental_id) ON DELETE SET NULL,
    CONSTRAINT payment_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id),
    CONSTRAINT payment_staff FOREIGN KEY (staff_id) REFERENCES staff (staff_id)
);
CREATE VIEW film_list AS
SELECT film.film_id AS fid, film.title AS title, category.name AS category, film.rental_rate AS price, film.rating AS rating
FROM film JOIN film_category ON film_category.film_id = film.film_id
JOIN category ON category.category_id = film_category.category_id;
CREATE VIEW customer_list AS
SELECT cu.customer_id AS ID, CONCAT(cu.first_name, ' ', cu.last_name) AS name, a.postal_code AS `zip code`, city.city AS city
FROM customer AS cu JOIN address AS a ON cu.address_id = a.address_id JOIN city ON a.city_id = city.city_id;
CREATE VIEW sales_by_film_category AS
SELECT c.name AS category, SUM(p.amount) AS total_sales
FROM payment AS p JOIN rental AS r ON p.rental_id = r.rental_id JOIN inventory AS i ON r.inventory_id = i.inventory_id
JOIN film_category AS fc ON i.film_id = fc.film_id JOIN category AS c ON fc.category_id = c.category_id GROUP BY c.name;
CREATE FUNCTION inventory_in_stock(p_inventory_id INT) RETURNS TINYINT(1) READS SQL DATA
RETURN NOT EXISTS (SELECT 1 FROM rental WHERE inventory_id = p_inventory_id AND return_date IS NULL);
CREATE PROCEDURE film_in_stock(IN p_film_id INT, IN p_store_id INT, OUT p_film_count INT) READS SQL DATA
SELECT COUNT(*) INTO p_film_count FROM inventory WHERE film_id = p_film_id AND store_id = p_store_id;
INSERT INTO actor (first_name, last_name) VALUES ('PENELOPE', 'GUINESS'), ('NICK', 'WAHLBERG');
INSERT INTO category (name) VALUES ('Action'), ('Animation');
INSERT INTO language (name) VALUES ('English'), ('Italian');
INSERT INTO film (title, description, release_year, language_id, special_features) VALUES
('ACADEMY DINOSAUR', 'A drama of a feminist and a scientist', 2006, 1, 'Deleted Scenes,Behind the Scenes'),
('ACE GOLDFINGER', 'A tale of a database administrator', 2006, 2, 'Trailers');
INSERT INTO film_actor (actor_id, film_id) VALUES (1, 1), (2, 1), (2, 2);
INSERT INTO film_category (film_id, category_id) VALUES (1, 1), (2, 2);
INSERT INTO country (country) VALUES ('Canada'), ('Australia');
INSERT INTO city (city, country_id) VALUES ('Lethbridge', 1), ('Woodridge', 2);
INSERT INTO address (address, district, city_id, postal_code, phone, location) VALUES
('47 MySakila Drive', 'Alberta', 1, '', '14033335568', ST_GeomFromText('POINT(-112.8 49.7)')),
('28 MySQL Boulevard', 'QLD', 2, '4114', '6172235589', ST_GeomFromText('POINT(153.1 -27.6)'));
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1), (2, 2);
INSERT INTO staff (first_name, address_id, picture, email, store_id, username) VALUES
('Mike', 1, x'89504E47', 'Mike.Hillyer@sakilastaff.com', 1, 'Mike'), ('Jon', 2, NULL, 'Jon.Stephens@sakilastaff.com', 2, 'Jon');
INSERT INTO customer (store_id, first_name, last_name, email, address_id, create_date) VALUES
(1, 'MARY', 'SMITH', 'mary@sakilacustomer.org', 1, '2006-02-14 22:04:36');
INSERT INTO inventory (film_id, store_id) VALUES (1, 1), (1, 2), (2, 2);
INSERT INTO rental (rental_date, inventory_id, customer_id, return_date, staff_id) VALUES
('2005-05-24 22:53:30', 1, 1, '2005-05-26 22:04:30', 1), ('2005-05-24 22:54:33', 2, 1, NULL, 2);
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date) VALUES (1, 1, 1, 2.99, '2005-05-25 11:30:37');
