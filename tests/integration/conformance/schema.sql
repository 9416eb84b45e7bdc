-- The schema that PostgREST's test suite uses, as far as MySQL and MariaDB can have it; `cases/` has the requests.

ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
SET foreign_key_checks = 0;

CREATE TABLE `Escap3e;` (`so6meIdColumn` INT NOT NULL, PRIMARY KEY (`so6meIdColumn`));
CREATE TABLE `Foo` (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE `Surr_Gen_Default_Upsert` (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), extra VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE `UnitTest` (`idUnitTest` INT NOT NULL, `nameUnitTest` VARCHAR(191), PRIMARY KEY (`idUnitTest`));
CREATE TABLE a (c1 INT NOT NULL, c2 TINYINT(1) NOT NULL, PRIMARY KEY (c1, c2));
CREATE TABLE schedules (id INT NOT NULL, name VARCHAR(191), start_at TIME, end_at TIME, PRIMARY KEY (id));
CREATE TABLE activities (
    id INT NOT NULL,
    schedule_id INT NOT NULL,
    car_id VARCHAR(191),
    camera_id VARCHAR(191),
    PRIMARY KEY (id, schedule_id),
    CONSTRAINT schedule FOREIGN KEY (schedule_id) REFERENCES schedules (id)
);
CREATE TABLE actors (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE series (id BIGINT NOT NULL, title VARCHAR(191) NOT NULL, PRIMARY KEY (id));
CREATE TABLE adaptation_notifications (
    id BIGINT NOT NULL,
    series BIGINT,
    status VARCHAR(191),
    PRIMARY KEY (id),
    CONSTRAINT adaptation_notifications_series_fkey FOREIGN KEY (series) REFERENCES series (id)
);
CREATE TABLE addresses (id INT NOT NULL, address VARCHAR(191) NOT NULL, UNIQUE KEY (id));
CREATE TABLE departments (id INT NOT NULL, name VARCHAR(191), head_id INT, PRIMARY KEY (id));
CREATE TABLE agents (
    id INT NOT NULL,
    name VARCHAR(191),
    department_id INT,
    PRIMARY KEY (id),
    CONSTRAINT agents_department_id_fkey FOREIGN KEY (department_id) REFERENCES departments (id)
);
CREATE TABLE artists (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE albums (
    id INT NOT NULL,
    title VARCHAR(191),
    artist_id INT,
    PRIMARY KEY (id),
    CONSTRAINT fk_artist FOREIGN KEY (artist_id) REFERENCES artists (id) ON DELETE CASCADE
);
CREATE TABLE app_users (id INT NOT NULL, email VARCHAR(191) NOT NULL, password VARCHAR(191) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (email));
CREATE TABLE articles (id INT NOT NULL, body VARCHAR(191), owner VARCHAR(64) NOT NULL, PRIMARY KEY (id));
CREATE TABLE users (id INT NOT NULL, name VARCHAR(191) NOT NULL, PRIMARY KEY (id));
CREATE TABLE article_stars (
    article_id INT NOT NULL,
    user_id INT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (article_id, user_id),
    CONSTRAINT article FOREIGN KEY (article_id) REFERENCES articles (id),
    CONSTRAINT stars_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE authors (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE bar (
    id INT NOT NULL,
    name VARCHAR(191),
    `fooId` INT,
    PRIMARY KEY (id),
    CONSTRAINT `bar_fooId_fkey` FOREIGN KEY (`fooId`) REFERENCES `Foo` (id)
);
CREATE TABLE baz (baz_id INT NOT NULL, PRIMARY KEY (baz_id));
CREATE TABLE being (being INT NOT NULL, PRIMARY KEY (being));
CREATE TABLE `part` (`part` INT NOT NULL, PRIMARY KEY (`part`));
CREATE TABLE being_part (
    being INT NOT NULL,
    `part` INT NOT NULL,
    PRIMARY KEY (being, `part`),
    CONSTRAINT being_part_being_fkey FOREIGN KEY (being) REFERENCES being (being),
    CONSTRAINT being_part_part_fkey FOREIGN KEY (`part`) REFERENCES `part` (`part`)
);
CREATE TABLE big_projects (big_project_id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), PRIMARY KEY (big_project_id));
CREATE TABLE publishers (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE books (
    id INT NOT NULL,
    title VARCHAR(191),
    publication_year SMALLINT,
    author_id INT,
    first_publisher_id INT,
    PRIMARY KEY (id),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id),
    CONSTRAINT books_first_publisher_id_fkey FOREIGN KEY (first_publisher_id) REFERENCES publishers (id)
);
CREATE TABLE budget_categories (
    id INT NOT NULL,
    category_name VARCHAR(191),
    budget_owner VARCHAR(191),
    budget_amount DECIMAL(20,6),
    PRIMARY KEY (id)
);
CREATE TABLE budget_expenses (
    id INT NOT NULL,
    expense_amount DECIMAL(20,6),
    budget_category_id INT,
    PRIMARY KEY (id),
    CONSTRAINT budget_expenses_budget_category_id_fkey FOREIGN KEY (budget_category_id) REFERENCES budget_categories (id)
);
CREATE TABLE country (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE capital (
    id INT NOT NULL,
    name VARCHAR(191),
    country_id INT,
    PRIMARY KEY (id),
    UNIQUE KEY (country_id),
    CONSTRAINT capital_ibfk_1 FOREIGN KEY (country_id) REFERENCES country (id)
);
CREATE TABLE car_dealers (name VARCHAR(64) NOT NULL, city VARCHAR(64) NOT NULL, PRIMARY KEY (name, city));
CREATE TABLE car_models (name VARCHAR(64) NOT NULL, year INT NOT NULL, PRIMARY KEY (name, year));
CREATE TABLE car_model_sales (
    `date` VARCHAR(64) NOT NULL,
    quantity INT NOT NULL,
    car_model_name VARCHAR(64) NOT NULL,
    car_model_year INT NOT NULL,
    PRIMARY KEY (`date`, car_model_name, car_model_year),
    CONSTRAINT car_model_sales_ibfk_1 FOREIGN KEY (car_model_name, car_model_year) REFERENCES car_models (name, year)
);
CREATE TABLE car_models_car_dealers (
    car_model_name VARCHAR(64) NOT NULL,
    car_model_year INT NOT NULL,
    car_dealer_name VARCHAR(64) NOT NULL,
    car_dealer_city VARCHAR(64) NOT NULL,
    quantity INT NOT NULL,
    PRIMARY KEY (car_model_name, car_model_year, car_dealer_name, car_dealer_city, quantity),
    CONSTRAINT car_models_car_dealers_ibfk_1 FOREIGN KEY (car_model_name, car_model_year) REFERENCES car_models (name, year),
    CONSTRAINT car_models_car_dealers_ibfk_2 FOREIGN KEY (car_dealer_name, car_dealer_city) REFERENCES car_dealers (name, city)
);
CREATE TABLE car_racers (
    name VARCHAR(64) NOT NULL,
    car_model_name VARCHAR(64),
    car_model_year INT,
    PRIMARY KEY (name),
    CONSTRAINT car_racers_ibfk_1 FOREIGN KEY (car_model_name, car_model_year) REFERENCES car_models (name, year)
);
CREATE TABLE channels (id BIGINT NOT NULL AUTO_INCREMENT, data JSON DEFAULT ('{"foo": "bar"}'), slug VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE entities (id INT NOT NULL, name VARCHAR(191), arr JSON, text_search_vector VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE child_entities (
    id INT NOT NULL,
    name VARCHAR(191),
    parent_id INT,
    PRIMARY KEY (id),
    CONSTRAINT child_entities_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES entities (id)
);
CREATE TABLE chores (id INT NOT NULL, name VARCHAR(191), done TINYINT(1), PRIMARY KEY (id));
CREATE TABLE clashing_column (t VARCHAR(191));
CREATE TABLE client (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE clientinfo (
    id INT NOT NULL AUTO_INCREMENT,
    clientid INT,
    other VARCHAR(191),
    PRIMARY KEY (id),
    CONSTRAINT clientinfo_clientid_fkey FOREIGN KEY (clientid) REFERENCES client (id)
);
CREATE TABLE clients (id INT NOT NULL, name VARCHAR(191) NOT NULL, PRIMARY KEY (id));
CREATE TABLE projects (
    id INT NOT NULL,
    name VARCHAR(191) NOT NULL,
    client_id INT,
    PRIMARY KEY (id),
    CONSTRAINT client FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE TABLE tasks (
    id INT NOT NULL,
    name VARCHAR(191) NOT NULL,
    project_id INT,
    PRIMARY KEY (id),
    CONSTRAINT project FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE TABLE users_tasks (
    user_id INT NOT NULL,
    task_id INT NOT NULL,
    PRIMARY KEY (task_id, user_id),
    CONSTRAINT users_tasks_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id),
    CONSTRAINT users_tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE comments (
    id INT NOT NULL,
    commenter_id INT NOT NULL,
    user_id INT NOT NULL,
    task_id INT NOT NULL,
    content VARCHAR(191) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT comments_task_id_fkey FOREIGN KEY (task_id, user_id) REFERENCES users_tasks (task_id, user_id),
    CONSTRAINT `user` FOREIGN KEY (commenter_id) REFERENCES users (id)
);
CREATE TABLE complex_items (
    id BIGINT NOT NULL,
    name VARCHAR(191),
    settings JSON,
    arr_data JSON,
    `field-with_sep` INT NOT NULL DEFAULT 1,
    PRIMARY KEY (id)
);
CREATE TABLE compound_pk (k1 INT NOT NULL, k2 VARCHAR(191) NOT NULL, extra INT, PRIMARY KEY (k1, k2));
CREATE TABLE compound_unique (key1 INT NOT NULL, key2 INT NOT NULL, value VARCHAR(191), UNIQUE KEY (key1, key2));
CREATE TABLE contact (
    id INT NOT NULL,
    name VARCHAR(191),
    clientid INT,
    PRIMARY KEY (id),
    CONSTRAINT contact_clientid_fkey FOREIGN KEY (clientid) REFERENCES client (id)
);
CREATE TABLE descendant (
    descendant INT NOT NULL,
    being INT,
    PRIMARY KEY (descendant),
    CONSTRAINT descendant_being_fkey FOREIGN KEY (being) REFERENCES being (being)
);
CREATE TABLE designers (id INT NOT NULL, name VARCHAR(99), PRIMARY KEY (id));
CREATE TABLE `do$llar$s` (`a$num$` DECIMAL(20,6));
CREATE TABLE empty_string (id INT, string VARCHAR(20));
CREATE TABLE empty_table (k VARCHAR(191) NOT NULL, extra VARCHAR(191) NOT NULL);
CREATE TABLE factories (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE factory_buildings (
    id INT NOT NULL,
    code CHAR(4),
    size DECIMAL(20,6),
    type CHAR(1),
    factory_id INT,
    inspections JSON,
    PRIMARY KEY (id),
    CONSTRAINT factory_buildings_factory_id_fkey FOREIGN KEY (factory_id) REFERENCES factories (id)
);
CREATE TABLE family_tree (
    id VARCHAR(191) NOT NULL,
    name VARCHAR(191) NOT NULL,
    parent VARCHAR(191),
    PRIMARY KEY (id),
    CONSTRAINT pptr FOREIGN KEY (parent) REFERENCES family_tree (id)
);
CREATE TABLE films (id INT NOT NULL, title VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE foo (
    a VARCHAR(191),
    b VARCHAR(191) GENERATED ALWAYS AS ((case when (`a` = 'telegram') then 'im' when (`a` = 'proton') then 'email' when (`a` = 'infinity') then 'idea' else 'bad idea' end)) STORED
);
CREATE TABLE `ghostBusters` (
    `escapeId` INT NOT NULL,
    CONSTRAINT `ghostBusters_escapeId_fkey` FOREIGN KEY (`escapeId`) REFERENCES `Escap3e;` (`so6meIdColumn`)
);
CREATE TABLE grandchild_entities (
    id INT NOT NULL,
    name VARCHAR(191),
    parent_id INT,
    or_starting_col VARCHAR(191),
    and_starting_col VARCHAR(191),
    jsonb_col JSON,
    PRIMARY KEY (id),
    CONSTRAINT grandchild_entities_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES child_entities (id)
);
CREATE TABLE i2459_self_t (
    id INT NOT NULL,
    parent INT,
    type VARCHAR(191),
    PRIMARY KEY (id),
    CONSTRAINT i2459_self_t_parent_fkey FOREIGN KEY (parent) REFERENCES i2459_self_t (id)
);
CREATE TABLE i2459_simple_t1 (id INT NOT NULL, PRIMARY KEY (id));
CREATE TABLE i2459_simple_t2 (t1_id INT, CONSTRAINT i2459_simple_t2_t1_id_fkey FOREIGN KEY (t1_id) REFERENCES i2459_simple_t1 (id));
CREATE TABLE insertonly (v VARCHAR(191) NOT NULL);
CREATE TABLE internal_job (
    id INT NOT NULL,
    parent_id INT,
    PRIMARY KEY (id),
    CONSTRAINT parent_fk FOREIGN KEY (parent_id) REFERENCES internal_job (id)
);
CREATE TABLE items (id BIGINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id));
CREATE TABLE items2 (id BIGINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id));
CREATE TABLE items_with_different_col_types (
    int_data INT,
    text_data VARCHAR(191),
    bool_data TINYINT(1),
    bin_data BLOB,
    char_data VARCHAR(191),
    date_data DATE,
    real_data DOUBLE,
    time_data TIME
);
CREATE TABLE sites (
    site_id INT NOT NULL AUTO_INCREMENT,
    name VARCHAR(191),
    main_project_id INT,
    PRIMARY KEY (site_id),
    CONSTRAINT main_project FOREIGN KEY (main_project_id) REFERENCES big_projects (big_project_id)
);
CREATE TABLE jobs (
    job_id CHAR(36) NOT NULL,
    name VARCHAR(191),
    site_id INT NOT NULL,
    big_project_id INT NOT NULL,
    PRIMARY KEY (job_id, site_id, big_project_id),
    CONSTRAINT jobs_big_project_id_fkey FOREIGN KEY (big_project_id) REFERENCES big_projects (big_project_id),
    CONSTRAINT jobs_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (site_id)
);
CREATE TABLE json_arr (id INT NOT NULL, data JSON, PRIMARY KEY (id));
CREATE TABLE `json_table` (data JSON);
CREATE TABLE jsonb_test (id INT NOT NULL, data JSON, PRIMARY KEY (id));
CREATE TABLE labels (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191) NOT NULL DEFAULT 'new label', PRIMARY KEY (id));
CREATE TABLE screens (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191) NOT NULL DEFAULT 'new screen', PRIMARY KEY (id));
CREATE TABLE label_screen (
    label_id INT NOT NULL,
    screen_id INT NOT NULL,
    PRIMARY KEY (label_id, screen_id),
    CONSTRAINT label_screen_label_id_fkey FOREIGN KEY (label_id) REFERENCES labels (id) ON DELETE CASCADE,
    CONSTRAINT label_screen_screen_id_fkey FOREIGN KEY (screen_id) REFERENCES screens (id) ON DELETE CASCADE
);
CREATE TABLE ltree_sample (path VARCHAR(191));
CREATE TABLE managers (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE menagerie (
    `integer` INT NOT NULL,
    `double` DOUBLE NOT NULL,
    `varchar` VARCHAR(191) NOT NULL,
    `boolean` TINYINT(1) NOT NULL,
    `date` DATE NOT NULL,
    `money` VARCHAR(20) NOT NULL,
    `enum` enum('foo','bar') NOT NULL,
    PRIMARY KEY (`integer`)
);
CREATE TABLE person (id INT NOT NULL, name VARCHAR(191) NOT NULL, PRIMARY KEY (id));
CREATE TABLE message (
    id INT NOT NULL,
    body VARCHAR(191) NOT NULL DEFAULT '',
    sender INT NOT NULL,
    recipient INT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT message_sender_fkey FOREIGN KEY (sender) REFERENCES person (id),
    CONSTRAINT message_recipient_fkey FOREIGN KEY (recipient) REFERENCES person (id)
);
CREATE TABLE no_pk (a VARCHAR(191), b VARCHAR(191));
CREATE TABLE nullable_integer (a INT);
CREATE TABLE only_pk (id INT NOT NULL, PRIMARY KEY (id));
CREATE TABLE operators (id INT NOT NULL, name VARCHAR(191), status JSON, PRIMARY KEY (id));
CREATE TABLE orders (
    id INT NOT NULL,
    name VARCHAR(191) NOT NULL,
    billing_address_id INT,
    shipping_address_id INT,
    UNIQUE KEY (id),
    CONSTRAINT billing FOREIGN KEY (billing_address_id) REFERENCES addresses (id),
    CONSTRAINT shipping FOREIGN KEY (shipping_address_id) REFERENCES addresses (id)
);
CREATE TABLE organizations (
    id INT NOT NULL,
    name VARCHAR(191),
    referee INT,
    auditor INT,
    manager_id INT,
    PRIMARY KEY (id),
    CONSTRAINT manager FOREIGN KEY (manager_id) REFERENCES managers (id),
    CONSTRAINT organizations_auditor_fkey FOREIGN KEY (auditor) REFERENCES organizations (id),
    CONSTRAINT organizations_referee_fkey FOREIGN KEY (referee) REFERENCES organizations (id)
);
CREATE TABLE pages (link INT NOT NULL, url VARCHAR(191), UNIQUE KEY (link));
CREATE TABLE personnages (
    film_id INT NOT NULL,
    role_id INT NOT NULL,
    `character` VARCHAR(191) NOT NULL,
    PRIMARY KEY (film_id, role_id),
    CONSTRAINT personnages_ibfk_1 FOREIGN KEY (film_id) REFERENCES films (id),
    CONSTRAINT personnages_ibfk_2 FOREIGN KEY (role_id) REFERENCES actors (id)
);
CREATE TABLE plate (plate_id INT NOT NULL, PRIMARY KEY (plate_id));
CREATE TABLE well (
    well_id INT NOT NULL,
    plate_id INT NOT NULL,
    parent_well_id INT,
    PRIMARY KEY (well_id),
    CONSTRAINT well_parent_well_id_fkey FOREIGN KEY (parent_well_id) REFERENCES well (well_id),
    CONSTRAINT well_plate_id_fkey FOREIGN KEY (plate_id) REFERENCES plate (plate_id)
);
CREATE TABLE plate_plan_step (
    plate_plan_step_id INT NOT NULL,
    from_well_id INT,
    to_well_id INT,
    to_plate_id INT,
    PRIMARY KEY (plate_plan_step_id),
    CONSTRAINT plate_plan_step_from_well_id_fkey FOREIGN KEY (from_well_id) REFERENCES well (well_id),
    CONSTRAINT plate_plan_step_to_plate_id_fkey FOREIGN KEY (to_plate_id) REFERENCES plate (plate_id),
    CONSTRAINT plate_plan_step_to_well_id_fkey FOREIGN KEY (to_well_id) REFERENCES well (well_id)
);
CREATE TABLE posters (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE process_categories (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE processes (
    id INT NOT NULL,
    name VARCHAR(191),
    factory_id INT,
    category_id INT,
    PRIMARY KEY (id),
    CONSTRAINT processes_category_id_fkey FOREIGN KEY (category_id) REFERENCES process_categories (id),
    CONSTRAINT processes_factory_id_fkey FOREIGN KEY (factory_id) REFERENCES factories (id)
);
CREATE TABLE process_costs (
    process_id INT NOT NULL,
    cost DECIMAL(20,2),
    PRIMARY KEY (process_id),
    CONSTRAINT process_costs_ibfk_1 FOREIGN KEY (process_id) REFERENCES processes (id)
);
CREATE TABLE process_operator (
    process_id INT NOT NULL,
    operator_id INT NOT NULL,
    PRIMARY KEY (process_id, operator_id),
    CONSTRAINT process_operator_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators (id),
    CONSTRAINT process_operator_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes (id)
);
CREATE TABLE supervisors (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE process_supervisor (
    process_id INT NOT NULL,
    supervisor_id INT NOT NULL,
    PRIMARY KEY (process_id, supervisor_id),
    CONSTRAINT process_supervisor_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes (id),
    CONSTRAINT process_supervisor_supervisor_id_fkey FOREIGN KEY (supervisor_id) REFERENCES supervisors (id)
);
CREATE TABLE products (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE suppliers (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE products_suppliers (
    product_id INT NOT NULL,
    supplier_id INT NOT NULL,
    PRIMARY KEY (product_id, supplier_id),
    CONSTRAINT products_suppliers_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id),
    CONSTRAINT products_suppliers_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES suppliers (id)
);
CREATE TABLE profiles (id CHAR(36) NOT NULL, username VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE project_invoices (
    id INT NOT NULL,
    invoice_total DECIMAL(20,6),
    project_id INT,
    PRIMARY KEY (id),
    CONSTRAINT project_invoices_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE TABLE public_consumers (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (id));
CREATE TABLE public_orders (
    id INT NOT NULL AUTO_INCREMENT,
    consumer INT NOT NULL,
    number INT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (id),
    CONSTRAINT public_orders_consumer_fkey FOREIGN KEY (consumer) REFERENCES public_consumers (id)
);
CREATE TABLE ranges (id INT NOT NULL, `range` VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE referrals (site VARCHAR(191), link INT NOT NULL, CONSTRAINT referrals_ibfk_1 FOREIGN KEY (link) REFERENCES pages (link));
CREATE TABLE `second` (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE simple_pk (k VARCHAR(191) NOT NULL, extra VARCHAR(191) NOT NULL, PRIMARY KEY (k));
CREATE TABLE simple_pk2 (k VARCHAR(191) NOT NULL, extra VARCHAR(191) NOT NULL, PRIMARY KEY (k));
CREATE TABLE single_unique (unique_key INT NOT NULL, value VARCHAR(191), UNIQUE KEY (unique_key));
CREATE TABLE space (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE status (id BIGINT NOT NULL, PRIMARY KEY (id));
CREATE TABLE students (id INT NOT NULL, code VARCHAR(191) NOT NULL, name VARCHAR(191), PRIMARY KEY (id, code));
CREATE TABLE students_info (
    id INT NOT NULL,
    code VARCHAR(191) NOT NULL,
    address VARCHAR(191),
    PRIMARY KEY (id, code),
    CONSTRAINT students_info_ibfk_1 FOREIGN KEY (id, code) REFERENCES students (id, code) ON DELETE CASCADE
);
CREATE TABLE stuff (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE subscriptions (
    subscriber INT NOT NULL,
    subscribed INT NOT NULL,
    PRIMARY KEY (subscriber, subscribed),
    CONSTRAINT subscriptions_subscribed_fkey FOREIGN KEY (subscribed) REFERENCES posters (id),
    CONSTRAINT subscriptions_subscriber_fkey FOREIGN KEY (subscriber) REFERENCES posters (id)
);
CREATE TABLE trade_unions (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE suppliers_trade_unions (
    supplier_id INT NOT NULL,
    trade_union_id INT NOT NULL,
    PRIMARY KEY (supplier_id, trade_union_id),
    CONSTRAINT suppliers_trade_unions_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES suppliers (id),
    CONSTRAINT suppliers_trade_unions_trade_union_id_fkey FOREIGN KEY (trade_union_id) REFERENCES trade_unions (id)
);
CREATE TABLE surr_gen_default_upsert (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), extra VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE surr_serial_upsert (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), extra VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE ta (a1 INT NOT NULL, a2 INT, PRIMARY KEY (a1), UNIQUE KEY (a1, a2));
CREATE TABLE table_a (id INT NOT NULL, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE table_b (table_a_id INT, name VARCHAR(191), CONSTRAINT table_b_table_a_id_fkey FOREIGN KEY (table_a_id) REFERENCES table_a (id));
CREATE TABLE tb (
    b1 INT,
    b2 INT,
    CONSTRAINT tb_b1_fkey FOREIGN KEY (b1) REFERENCES ta (a1),
    CONSTRAINT tb_ibfk_1 FOREIGN KEY (b1, b2) REFERENCES ta (a1, a2)
);
CREATE TABLE tbl_w_json (id INT, data JSON);
CREATE TABLE `test` (id BIGINT NOT NULL, parent_id BIGINT, PRIMARY KEY (id), CONSTRAINT parent_test FOREIGN KEY (parent_id) REFERENCES `test` (id));
CREATE TABLE timestamps (t TIMESTAMP NULL);
CREATE TABLE tiobe_pls (name VARCHAR(191) NOT NULL, `rank` SMALLINT, PRIMARY KEY (name));
CREATE TABLE tournaments (
    id BIGINT NOT NULL,
    status BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT tournaments_status_fkey FOREIGN KEY (status) REFERENCES status (id)
);
CREATE TABLE trash (id INT NOT NULL, PRIMARY KEY (id));
CREATE TABLE trash_details (
    id INT NOT NULL,
    jsonb_col JSON,
    PRIMARY KEY (id),
    CONSTRAINT trash_details_id_fkey FOREIGN KEY (id) REFERENCES trash (id)
);
CREATE TABLE unit_workdays (
    unit_id INT NOT NULL,
    day DATE NOT NULL,
    fst_shift_activity_id INT,
    fst_shift_schedule_id INT,
    snd_shift_activity_id INT,
    snd_shift_schedule_id INT,
    PRIMARY KEY (unit_id, day),
    CONSTRAINT fst_shift FOREIGN KEY (fst_shift_activity_id, fst_shift_schedule_id) REFERENCES activities (id, schedule_id),
    CONSTRAINT snd_shift FOREIGN KEY (snd_shift_activity_id, snd_shift_schedule_id) REFERENCES activities (id, schedule_id)
);
CREATE TABLE user_friend (
    id BIGINT NOT NULL,
    user1 CHAR(36),
    user2 CHAR(36),
    PRIMARY KEY (id),
    CONSTRAINT user_friend_user1_fkey FOREIGN KEY (user1) REFERENCES profiles (id),
    CONSTRAINT user_friend_user2_fkey FOREIGN KEY (user2) REFERENCES profiles (id)
);
CREATE TABLE users_projects (
    user_id INT NOT NULL,
    project_id INT NOT NULL,
    PRIMARY KEY (project_id, user_id),
    CONSTRAINT users_projects_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT users_projects_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE videogames (
    id INT NOT NULL,
    name VARCHAR(191),
    designer_id INT,
    PRIMARY KEY (id),
    CONSTRAINT videogames_designer_id_fkey FOREIGN KEY (designer_id) REFERENCES designers (id)
);
CREATE TABLE w_or_wo_comma_names (name VARCHAR(191));
CREATE TABLE web_content (
    id INT NOT NULL,
    name VARCHAR(191),
    p_web_id INT,
    PRIMARY KEY (id),
    CONSTRAINT web_content_p_web_id_fkey FOREIGN KEY (p_web_id) REFERENCES web_content (id)
);
CREATE TABLE whatev_projects (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE whatev_sites (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(191), PRIMARY KEY (id));
CREATE TABLE whatev_jobs (
    job_id CHAR(36) NOT NULL,
    name VARCHAR(191),
    site_id_1 INT NOT NULL,
    project_id_1 INT NOT NULL,
    site_id_2 INT NOT NULL,
    project_id_2 INT NOT NULL,
    PRIMARY KEY (job_id, site_id_1, project_id_1, site_id_2, project_id_2),
    CONSTRAINT whatev_jobs_project_id_1_fkey FOREIGN KEY (project_id_1) REFERENCES whatev_projects (id),
    CONSTRAINT whatev_jobs_project_id_2_fkey FOREIGN KEY (project_id_2) REFERENCES whatev_projects (id),
    CONSTRAINT whatev_jobs_site_id_1_fkey FOREIGN KEY (site_id_1) REFERENCES whatev_sites (id),
    CONSTRAINT whatev_jobs_site_id_2_fkey FOREIGN KEY (site_id_2) REFERENCES whatev_sites (id)
);
CREATE TABLE `withUnique` (uni VARCHAR(191), extra VARCHAR(191), UNIQUE KEY (uni));
CREATE TABLE zone (
    id INT NOT NULL,
    name VARCHAR(191),
    zone_type_id INT,
    space_id INT,
    PRIMARY KEY (id),
    CONSTRAINT zone_space_id_fkey FOREIGN KEY (space_id) REFERENCES space (id)
);
CREATE TABLE `موارد` (`هویت` BIGINT NOT NULL);

INSERT INTO `Escap3e;` VALUES (1), (2), (3), (4), (5);
INSERT INTO `Surr_Gen_Default_Upsert` VALUES (1, 'value cs', 'existing value cs');
INSERT INTO `UnitTest` VALUES (1, 'unit test 1');
INSERT INTO schedules VALUES
(1, 'morning', '6:00:00', '11:59:00'),
(2, 'afternoon', '12:00:00', '17:59:00'),
(3, 'night', '18:00:00', '23:59:00'),
(4, 'early morning', '0:00:00', '5:59:00');
INSERT INTO activities VALUES (1, 1, 'CAR-349', NULL), (2, 3, NULL, 'CAM-123');
INSERT INTO actors VALUES (1, 'john'), (2, 'mary');
INSERT INTO addresses VALUES (1, 'address 1'), (2, 'address 2'), (3, 'address 3'), (4, 'address 4');
INSERT INTO departments VALUES (1, 'dep 1', 1), (2, 'dep 3', 3);
INSERT INTO agents VALUES (1, 'agent 1', NULL), (2, 'agent 2', NULL), (3, 'agent 3', NULL), (4, 'agent 4', NULL);
INSERT INTO artists VALUES (1, 'duster'), (2, 'black country, new road'), (3, 'bjork');
INSERT INTO albums VALUES (1, 'stratosphere', 1), (2, 'ants from up above', 2), (3, 'vespertine', 3), (4, 'contemporary movement', 1);
INSERT INTO app_users VALUES (1, 'test@123.com', 'pass'), (2, 'abc@123.com', 'pass'), (3, 'def@123.com', 'pass');
INSERT INTO articles VALUES
(1, 'No… It''s a thing; it''s like a plan, but with more greatness.', 'diogo'),
(2, 'Stop talking, brain thinking. Hush.', 'diogo'),
(3, 'It''s a fez. I wear a fez now. Fezes are cool.', 'diogo');
INSERT INTO users VALUES (1, 'Angela Martin'), (2, 'Michael Scott'), (3, 'Dwight Schrute');
INSERT INTO article_stars VALUES
(1, 1, '2015-12-08 04:22:57'),
(1, 2, '2015-12-08 04:22:57'),
(1, 3, '2015-12-08 04:22:57'),
(2, 3, '2015-12-08 04:22:57'),
(3, 2, '2015-12-08 04:22:57');
INSERT INTO authors VALUES
(1, 'George Orwell'),
(2, 'Anne Frank'),
(3, 'Antoine de Saint-Exupéry'),
(4, 'J.D. Salinger'),
(5, 'Ray Bradbury'),
(6, 'William Golding'),
(7, 'Harper Lee'),
(8, 'Kurt Vonnegut'),
(9, 'Ken Kesey'),
(10, 'Fyodor Dostoevsky');
INSERT INTO being VALUES (1), (2), (3), (4);
INSERT INTO `part` VALUES (1), (2), (3), (4);
INSERT INTO being_part VALUES (1, 1), (2, 1), (3, 2), (4, 3);
INSERT INTO big_projects VALUES (1, 'big project 1'), (2, 'big project 2');
INSERT INTO publishers VALUES
(1, 'Secker & Warburg'),
(2, 'Contact Publishing'),
(3, 'Reynal & Hitchcock'),
(4, 'Little, Brown and Company'),
(5, 'Ballantine Books'),
(6, 'Faber and Faber'),
(7, 'J. B. Lippincott & Co.'),
(8, 'Delacorte'),
(9, 'Viking Press & Signet Books');
INSERT INTO books VALUES
(1, '1984', 1949, 1, 1),
(2, 'The Diary of a Young Girl', 1947, 2, 2),
(3, 'The Little Prince', 1947, 3, 3),
(4, 'The Catcher in the Rye', 1951, 4, 4),
(5, 'Farenheit 451', 1953, 5, 5),
(6, 'Lord of the Flies', 1954, 6, 6),
(7, 'To Kill a Mockingbird', 1960, 7, 7),
(8, 'Slaughterhouse-Five', 1969, 8, 8),
(9, 'One Flew Over the Cuckoo''s Nest', 1962, 9, 9),
(10, 'Crime and Punishment', 1866, 10, NULL);
INSERT INTO budget_categories VALUES
(1, 'Beanie Babies', 'Brian Smith', 1000.310000),
(2, 'DVDs', 'Jane Clarkson', 2000.120000),
(3, 'Pizza', 'Brian Smith', 1000.110000),
(4, 'Opera Tickets', 'Jane Clarkson', 7000.410000),
(5, 'Nuclear Fusion Research', 'Sally Hughes', 500.230000),
(6, 'T-5hirts', 'Dana de Groot', 500.330000);
INSERT INTO budget_expenses VALUES (1, 200.260000, 1), (2, 400.260000, 3), (3, 100.220000, 4), (5, 900.270000, 5);
INSERT INTO country VALUES (1, 'Afghanistan'), (2, 'Algeria');
INSERT INTO capital VALUES (1, 'Kabul', 1), (2, 'Algiers', 2);
INSERT INTO car_dealers VALUES ('Springfield Cars S.A.', 'Springfield'), ('The Best Deals S.A.', 'Franklin');
INSERT INTO car_models VALUES ('DeLorean', 1981), ('F310-B', 1997), ('Murcielago', 2001), ('Veneno', 2013);
INSERT INTO car_model_sales VALUES
('2021-01-14', 7, 'DeLorean', 1981),
('2021-01-15', 9, 'DeLorean', 1981),
('2021-02-11', 1, 'Murcielago', 2001),
('2021-02-12', 3, 'Murcielago', 2001);
INSERT INTO car_models_car_dealers VALUES
('DeLorean', 1981, 'Springfield Cars S.A.', 'Springfield', 15),
('Murcielago', 2001, 'The Best Deals S.A.', 'Franklin', 2);
INSERT INTO car_racers VALUES ('Alain Prost', NULL, NULL), ('Michael Schumacher', 'F310-B', 1997);
INSERT INTO entities VALUES
(1, 'entity 1', '[1]', '''bar'':2 ''foo'':1'),
(2, 'entity 2', '[1, 2]', '''baz'':1 ''qux'':2'),
(3, 'entity 3', '[1, 2, 3]', NULL),
(4, NULL, NULL, NULL);
INSERT INTO child_entities VALUES
(1, 'child entity 1', 1),
(2, 'child entity 2', 1),
(3, 'child entity 3', 2),
(4, 'child entity 4', 1),
(5, 'child entity 5', 1),
(6, 'child entity 6', 2);
INSERT INTO chores VALUES (1, 'take out the garbage', 1), (2, 'do the laundry', 0), (3, 'wash the dishes', NULL);
INSERT INTO client VALUES (1, 'Walmart'), (2, 'Target'), (3, 'Big Lots');
INSERT INTO clientinfo VALUES (1, 1, '123 Main St'), (2, 2, '456 South 3rd St'), (3, 3, '789 Palm Tree Ln');
INSERT INTO clients VALUES (1, 'Microsoft'), (2, 'Apple');
INSERT INTO projects VALUES (1, 'Windows 7', 1), (2, 'Windows 10', 1), (3, 'IOS', 2), (4, 'OSX', 2), (5, 'Orphan', NULL);
INSERT INTO tasks VALUES
(1, 'Design w7', 1),
(2, 'Code w7', 1),
(3, 'Design w10', 2),
(4, 'Code w10', 2),
(5, 'Design IOS', 3),
(6, 'Code IOS', 3),
(7, 'Design OSX', 4),
(8, 'Code OSX', 4);
INSERT INTO users_tasks VALUES (1, 1), (1, 2), (1, 3), (1, 4), (2, 5), (2, 6), (2, 7), (3, 1), (3, 5);
INSERT INTO comments VALUES (1, 1, 2, 6, 'Needs to be delivered ASAP');
INSERT INTO complex_items VALUES
(1, 'One', '{"foo": {"bar": "baz", "int": 1}}', '[1]', 1),
(2, 'Two', '{"foo": {"bar": "baz", "int": 1}}', '[1, 2]', 1),
(3, 'Three', '{"foo": {"bar": "baz", "int": 1}}', '[1, 2, 3]', 3);
INSERT INTO compound_unique VALUES (1, 1, 'A');
INSERT INTO contact VALUES
(1, 'Wally Walton', 1),
(2, 'Wilma Wellers', 1),
(3, 'Tabby Targo', 2),
(4, 'Bobby Bots', 3),
(5, 'Bonnie Bits', 3),
(6, 'Billy Boats', 3);
INSERT INTO descendant VALUES (1, 1), (2, 1), (3, 1), (4, 2);
INSERT INTO designers VALUES (1, 'Sid Meier'), (2, 'Hironobu Sakaguchi');
INSERT INTO `do$llar$s` VALUES (100.000000), (200.000000), (300.000000);
INSERT INTO empty_string VALUES (1, '');
INSERT INTO factories VALUES (1, 'Factory A'), (2, 'Factory B'), (3, 'Factory C'), (4, 'Factory D');
INSERT INTO factory_buildings VALUES
(1, 'A001', 150.000000, 'A', 1, '{"ins": "2024C", "pending": true}'),
(2, 'A002', 200.000000, 'A', 1, '{"ins": "2025A", "pending": true}'),
(3, 'B001', 50.000000, 'B', 2, '{"ins": "2025A", "pending": true}'),
(4, 'B002', 120.000000, 'C', 2, '{"ins": "2023A"}'),
(5, 'C001', 240.000000, 'B', 3, '{"ins": "2022B"}'),
(6, 'D001', 310.000000, 'A', 4, '{"ins": "2024C", "pending": true}');
INSERT INTO family_tree VALUES
('1', 'Parental Unit', NULL),
('2', 'Kid One', '1'),
('3', 'Kid Two', '1'),
('4', 'Grandkid One', '2'),
('5', 'Grandkid Two', '3');
INSERT INTO films VALUES (12, 'douze commandements'), (2001, 'odyssée de l''espace');
INSERT INTO `ghostBusters` VALUES (1), (3), (5);
INSERT INTO grandchild_entities VALUES
(1, 'grandchild entity 1', 1, NULL, NULL, NULL),
(2, 'grandchild entity 2', 1, NULL, NULL, NULL),
(3, 'grandchild entity 3', 2, NULL, NULL, NULL),
(4, '(grandchild,entity,4)', 2, NULL, NULL, '{"a": {"b": "foo"}}'),
(5, '(grandchild,entity,5)', 2, NULL, NULL, '{"b": "bar"}');
INSERT INTO internal_job VALUES (1, NULL), (2, 1);
INSERT INTO items VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15);
INSERT INTO items2 VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15);
INSERT INTO items_with_different_col_types VALUES (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO sites VALUES (1, 'site 1', 1), (2, 'site 2', NULL), (3, 'site 3', 2), (4, 'site 4', NULL);
INSERT INTO jobs VALUES
('3bd52697-033b-4edd-8a28-46a9c04b7c1e', 'job 2-1', 2, 1),
('bc5d5362-b881-438f-b9f5-7417e08704ed', 'job 1-1', 1, 1),
('e6e67e4e-19b1-11e9-ab14-d663bd873d93', 'job 2-2', 2, 2);
INSERT INTO json_arr VALUES
(1, '[1, 2, 3]'),
(2, '[4, 5, 6]'),
(3, '[[9, 8, 7], [11, 12, 13]]'),
(4, '[[[5, 6], 7, 8]]'),
(5, '[{"a": "A"}, {"b": "B"}]'),
(6, '[{"a": [1, 2, 3]}, {"b": [4, 5]}]'),
(7, '{"c": [1, 2, 3], "d": [4, 5]}'),
(8, '{"c": [{"d": [4, 5, 6, 7, 8]}]}'),
(9, '[{"0xy1": [1, {"23-xy-45": [2, {"xy-6": [3]}]}]}]'),
(10, '{"!@#$%^&*_a": [{"!@#$%^&*_b": 1}, {"!@#$%^&*_c": [2]}], "!@#$%^&*_d": {"!@#$%^&*_e": 3}}');
INSERT INTO `json_table` VALUES ('{"id": 1, "foo": {"bar": "baz"}}'), ('{"id": 3}'), ('{"id": 0}');
INSERT INTO jsonb_test VALUES (1, '{"a": {"b": 2}}'), (2, '{"c": [1, 2, 3]}'), (3, '[{"d": "test"}]'), (4, '{"e": 1}');
INSERT INTO labels VALUES (1, 'vehicles'), (2, 'fruit');
INSERT INTO screens VALUES (1, 'banana'), (2, 'helicopter'), (3, 'formula 1 banana');
INSERT INTO label_screen VALUES (2, 1), (1, 2), (1, 3), (2, 3);
INSERT INTO ltree_sample VALUES
('Top'),
('Top.Science'),
('Top.Science.Astronomy'),
('Top.Science.Astronomy.Astrophysics'),
('Top.Science.Astronomy.Cosmology'),
('Top.Hobbies'),
('Top.Hobbies.Amateurs_Astronomy'),
('Top.Collections'),
('Top.Collections.Pictures'),
('Top.Collections.Pictures.Astronomy'),
('Top.Collections.Pictures.Astronomy.Stars'),
('Top.Collections.Pictures.Astronomy.Galaxies'),
('Top.Collections.Pictures.Astronomy.Astronauts');
INSERT INTO managers VALUES
(1, 'Referee Manager'),
(2, 'Auditor Manager'),
(3, 'Acme Manager'),
(4, 'Umbrella Manager'),
(5, 'Cyberdyne Manager'),
(6, 'Oscorp Manager');
INSERT INTO person VALUES (1, 'John'), (2, 'Jane'), (3, 'Jake'), (4, 'Julie');
INSERT INTO message VALUES
(1, 'Hello Jane', 1, 2),
(2, 'Hi John', 2, 1),
(3, 'How are you doing?', 1, 2),
(4, 'Hey Julie', 3, 4),
(5, 'What''s up Jake', 4, 3);
INSERT INTO no_pk VALUES (NULL, NULL), ('1', '0'), ('2', '0');
INSERT INTO nullable_integer VALUES (NULL);
INSERT INTO only_pk VALUES (1), (2);
INSERT INTO operators VALUES
(1, 'Anne', '{"id": "543210", "afk": true}'),
(2, 'Louis', '{"id": "012345"}'),
(3, 'Jeff', '{"id": "666666", "afk": true}'),
(4, 'Liz', '{"id": "999999"}'),
(5, 'Alfred', '{"id": "000000"}');
INSERT INTO orders VALUES (1, 'order 1', 1, 2), (2, 'order 2', 3, 4);
INSERT INTO organizations VALUES
(1, 'Referee Org', NULL, NULL, 1),
(2, 'Auditor Org', NULL, NULL, 2),
(3, 'Acme', 1, 2, 3),
(4, 'Umbrella', 1, 2, 4),
(5, 'Cyberdyne', 3, 4, 5),
(6, 'Oscorp', 3, 4, 6);
INSERT INTO pages VALUES (1, 'http://postgrest.org/en/v6.0/api.html'), (2, 'http://postgrest.org/en/v6.0/admin.html');
INSERT INTO personnages VALUES (12, 1, 'méchant'), (2001, 2, 'astronaute');
INSERT INTO posters VALUES (1, 'Mark'), (2, 'Elon'), (3, 'Bill'), (4, 'Jeff');
INSERT INTO process_categories VALUES (1, 'Batch'), (2, 'Mass');
INSERT INTO processes VALUES
(1, 'Process A1', 1, 1),
(2, 'Process A2', 1, 2),
(3, 'Process B1', 2, 1),
(4, 'Process B2', 2, 1),
(5, 'Process C1', 3, 2),
(6, 'Process C2', 3, 2),
(7, 'Process XX', 3, 2),
(8, 'Process YY', 3, 2);
INSERT INTO process_costs VALUES (1, 150.00), (2, 200.00), (3, 180.00), (4, 70.00), (5, 40.00), (6, 70.00), (8, 40.00);
INSERT INTO process_operator VALUES (1, 1), (2, 1), (4, 1), (1, 2), (2, 2), (2, 3), (3, 3), (4, 3), (6, 3), (6, 5), (7, 5);
INSERT INTO supervisors VALUES (1, 'Mary'), (2, 'John'), (3, 'Peter'), (4, 'Sarah'), (5, 'Jane');
INSERT INTO process_supervisor VALUES (1, 1), (4, 1), (2, 2), (4, 2), (3, 3), (5, 3), (6, 3), (3, 4);
INSERT INTO products VALUES (1, 'product-1'), (2, 'product-2'), (3, 'product-3');
INSERT INTO suppliers VALUES (1, 'supplier-1'), (2, 'supplier-2'), (3, 'supplier-3');
INSERT INTO products_suppliers VALUES (1, 1), (2, 1), (1, 2), (2, 3);
INSERT INTO project_invoices VALUES
(1, 100.000000, 1),
(2, 200.000000, 1),
(3, 500.000000, 2),
(4, 700.000000, 2),
(5, 1200.000000, 3),
(6, 2000.000000, 3),
(7, 100.000000, 4),
(8, 4000.000000, 4);
INSERT INTO ranges VALUES (1, '[1,3]'), (2, '[3,6]'), (3, '[6,9]'), (4, '[9,12]'), (5, NULL);
INSERT INTO referrals VALUES ('github.com', 1), ('hub.docker.com', 2);
INSERT INTO simple_pk VALUES ('xYYx', 'v'), ('xyyx', 'u');
INSERT INTO simple_pk2 VALUES ('圍棋', '￥');
INSERT INTO single_unique VALUES (1, 'A');
INSERT INTO space VALUES (1, 'space 1');
INSERT INTO students VALUES (1, '0001', 'John Doe'), (2, '0002', 'Jane Doe');
INSERT INTO students_info VALUES (1, '0001', 'Street 1'), (2, '0002', 'Street 2');
INSERT INTO stuff VALUES (1, 'stuff 1');
INSERT INTO subscriptions VALUES (3, 1), (4, 1), (1, 2);
INSERT INTO trade_unions VALUES (1, 'union-1'), (2, 'union-2'), (3, 'union-3'), (4, 'union-4');
INSERT INTO suppliers_trade_unions VALUES (1, 1), (1, 2), (2, 3), (2, 4);
INSERT INTO surr_gen_default_upsert VALUES (1, 'value', 'existing value');
INSERT INTO surr_serial_upsert VALUES (1, 'value', 'existing value');
INSERT INTO table_a VALUES (1, 'Not null 1'), (2, NULL), (3, 'Not null 2');
INSERT INTO table_b VALUES (1, 'Test 1'), (2, 'Test 2'), (NULL, 'Test 3');
INSERT INTO `test` VALUES (1, NULL), (2, 1);
INSERT INTO timestamps VALUES ('2023-10-18 12:38:00'), ('2023-10-18 14:38:00'), ('2023-10-18 16:38:00');
INSERT INTO tiobe_pls VALUES ('C', 2), ('Java', 1), ('Python', 4);
INSERT INTO trash VALUES (1), (2), (3);
INSERT INTO trash_details VALUES (1, '{"key": 10}'), (2, '{"key": 6}'), (3, '{"key": 8}');
INSERT INTO unit_workdays VALUES (1, '2019-12-02', 1, 1, 2, 3);
INSERT INTO users_projects VALUES (1, 1), (1, 2), (2, 3), (2, 4), (3, 1), (3, 3);
INSERT INTO videogames VALUES (1, 'Civilization I', 1), (2, 'Civilization II', 1), (3, 'Final Fantasy I', 2), (4, 'Final Fantasy II', 2);
INSERT INTO w_or_wo_comma_names VALUES
('Hebdon, John'),
('Williams, Mary'),
('Smith, Joseph'),
('David White'),
('Larry Thompson'),
('Double O Seven(007)'),
('"'),
('Double"Quote"McGraw"'),
('\\'),
('/\\Slash/\\Beast/\\');
INSERT INTO web_content VALUES (0, 'tardis', 5), (1, 'fezz', 0), (2, 'foo', 0), (3, 'bar', 0), (4, 'wut', 1), (5, 'wat', NULL);
INSERT INTO `withUnique` VALUES ('nodup', 'blah');
INSERT INTO zone VALUES (1, 'zone 1', 2, 1), (2, 'zone 2', 2, 1), (3, 'store 3', 3, 1), (4, 'store 4', 3, 1);
INSERT INTO `موارد` VALUES (1);
ALTER TABLE departments ADD CONSTRAINT departments_head_id_fkey FOREIGN KEY (head_id) REFERENCES agents (id);

CREATE VIEW orders_view AS select * from public_orders;
CREATE VIEW consumers_view AS select * from public_consumers;
CREATE VIEW consumers_view_view AS select * from consumers_view;
CREATE VIEW compound_pk_view AS SELECT * FROM compound_pk;
CREATE VIEW has_count_column AS SELECT 1 AS count;
CREATE VIEW projects_view AS SELECT projects.id, projects.name, projects.client_id FROM projects;
CREATE VIEW projects_view_alt AS SELECT projects.id as t_id, projects.name, projects.client_id as t_client_id FROM projects;
CREATE VIEW limited_article_stars AS SELECT article_id, user_id, created_at FROM article_stars;
CREATE VIEW `articleStars` AS SELECT article_stars.article_id AS `articleId`, article_stars.user_id AS `userId`, article_stars.created_at AS `createdAt` FROM article_stars;
CREATE VIEW forties_books AS select id, title, publication_year, author_id from books where publication_year >= 1940 and publication_year < 1950;
CREATE VIEW fifties_books AS select id, title, publication_year, author_id from books where publication_year >= 1950 and publication_year < 1960;
CREATE VIEW sixties_books AS select id, title, publication_year, author_id from books where publication_year >= 1960 and publication_year < 1970;
CREATE VIEW person_detail AS select p.id, p.name, s.count as sent, r.count as received from person p join (select message.sender, count(message.id) as count from message group by message.sender) s on s.sender = p.id join (select message.recipient, count(message.id) as count from message group by message.recipient) r on r.recipient = p.id;
CREATE VIEW authors_have_book_in_decade AS select id, name, case when (x.id in (select author_id from forties_books)) then true else false end as has_book_in_forties, case when (x.id in (select author_id from fifties_books)) then true else false end as has_book_in_fifties, case when (x.id in (select author_id from sixties_books)) then true else false end as has_book_in_sixties from authors x;
CREATE VIEW authors_have_book_in_decade2 AS select id, name, coalesce( (select true from forties_books where author_id=x.id limit 1), false ) as has_book_in_forties, coalesce( (select true from fifties_books where author_id=x.id limit 1), false ) as has_book_in_fifties, coalesce( (select true from sixties_books where author_id=x.id limit 1), false ) as has_book_in_sixties from authors x;
CREATE VIEW forties_and_fifties_books AS select x.id, x.title, x.publication_year, y.name as first_publisher, x.author_id from ( select id, title, publication_year, author_id, first_publisher_id from books where publication_year >= 1940 and publication_year < 1960) x join publishers y on y.id = x.first_publisher_id;
CREATE VIEW odd_years_publications AS with odd_years_books as( select id, title, publication_year, author_id, first_publisher_id from books where publication_year % 2 <> 0 ) select x.id, x.title, x.publication_year, y.name as first_publisher, x.author_id from odd_years_books x join publishers y on y.id = x.first_publisher_id;
CREATE VIEW projects_count_grouped_by AS select client_id, count(id) as number_of_projects from projects group by client_id;
CREATE VIEW foos AS select id,name from `Foo`;
CREATE VIEW bars AS select id, `fooId`, name from bar;
CREATE VIEW materialized_projects AS select id, name, client_id from projects;
CREATE VIEW main_jobs AS select * from jobs where site_id in (select site_id from sites where main_project_id is not null);
CREATE VIEW job AS SELECT j.id, j.parent_id FROM internal_job j;
CREATE VIEW students_view AS select * from students;
CREATE VIEW students_info_view AS select * from students_info;
CREATE VIEW i2459_simple_v1 AS SELECT * FROM i2459_simple_t1;
CREATE VIEW i2459_simple_v2 AS select t1_id as t1_id1, t1_id as t1_id2 from i2459_simple_t2;
CREATE VIEW i2459_self_v1 AS select parent.parent as grandparent, child.parent, child.id from i2459_self_t as parent join i2459_self_t as child on child.parent = parent.id where child.type = 'A';
CREATE VIEW i2459_self_v2 AS select parent.parent as grandparent, child.parent, child.id from i2459_self_t as parent join i2459_self_t as child on child.parent = parent.id where child.type = 'B';
CREATE VIEW va AS SELECT a1 FROM ta;
CREATE VIEW vb AS SELECT b1 FROM tb;

CREATE PROCEDURE getallprojects() READS SQL DATA SELECT * FROM projects;
CREATE PROCEDURE getproject(id int) READS SQL DATA SELECT p.* FROM projects p WHERE p.id = id;
CREATE PROCEDURE get_projects_below(id int) READS SQL DATA SELECT p.* FROM projects p WHERE p.id < id;
CREATE PROCEDURE getitemrange(`min` bigint, `max` bigint) READS SQL DATA SELECT * FROM items WHERE id > `min` AND id <= `max`;
CREATE FUNCTION sayhello(name varchar(99)) RETURNS varchar(120) DETERMINISTIC NO SQL RETURN CONCAT('Hello, ', name);
CREATE FUNCTION add_them(a int, b int) RETURNS int DETERMINISTIC NO SQL RETURN a + b;
CREATE PROCEDURE raise_pt402() READS SQL DATA SIGNAL SQLSTATE 'PT402' SET MESSAGE_TEXT='{"message":"Payment Required","details":"Quota exceeded","hint":"Upgrade your plan"}';
CREATE PROCEDURE raise_bad_pt() READS SQL DATA SIGNAL SQLSTATE 'PT40A' SET MESSAGE_TEXT='Wrong';
CREATE PROCEDURE getallusers() READS SQL DATA SELECT * FROM users;
CREATE PROCEDURE test_empty_rowset() READS SQL DATA SELECT id FROM items WHERE id = 0;
CREATE PROCEDURE search(id bigint) READS SQL DATA SELECT items.id FROM items WHERE items.id = id;
CREATE FUNCTION noparamsproc() RETURNS varchar(50) DETERMINISTIC NO SQL RETURN 'Return value of no parameters procedure.';
CREATE FUNCTION ret_null() RETURNS INT NO SQL RETURN NULL;
CREATE PROCEDURE ret_void() READS SQL DATA BEGIN END;
