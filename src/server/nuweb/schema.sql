-- Companies and their customers. Every customer belongs to a company.

CREATE TABLE access_token (
    token TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE company (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE customer (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id    INTEGER NOT NULL REFERENCES company (id),
    name          TEXT NOT NULL,
    email         TEXT NOT NULL COLLATE NOCASE,
    phone         TEXT,
    phone_code    INTEGER,
    img           TEXT,
    locale        TEXT,
    -- YYYY-MM-DD
    dob           TEXT,
    address_line1 TEXT,
    address_line2 TEXT,
    postcode      TEXT,
    city          TEXT,
    region        TEXT,
    country_id    TEXT,
    password_hash TEXT,
    -- YYYY-MM-DDTHH:MM:SS.ffffffZ
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    UNIQUE (email, company_id)
) STRICT;

INSERT INTO company (id) VALUES (1), (2);
INSERT INTO customer (company_id, name, email, dob, address_line1, address_line2, postcode, created_at, updated_at) VALUES
    (1, 'John Doe', 'john.doe@example.com', '1980-01-01', '16 School Road', 'Crookes', 'S10 8BH',
        '2021-11-22T11:59:00.000000Z', '2021-11-22T11:59:00.000000Z'),
    (1, 'Jane Roe', 'jane.roe@example.com', NULL, NULL, NULL, NULL,
        '2021-11-23T08:00:00.000000Z', '2021-11-23T08:00:00.000000Z'),
    (2, 'Max Mustermann', 'max.mustermann@example.com', '1975-06-30', NULL, NULL, NULL,
        '2021-11-24T08:00:00.000000Z', '2021-11-24T08:00:00.000000Z');
INSERT INTO customer (company_id, name, email, created_at, updated_at)
    WITH RECURSIVE spare (n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM spare WHERE n < 64)
    SELECT 1, 'Customer ' || n, 'customer' || n || '@example.com', '2021-11-25T08:00:00.000000Z', '2021-11-25T08:00:00.000000Z'
    FROM spare;
