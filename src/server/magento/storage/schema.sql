-- The customer area of one store: one website with one store view beside the administration's own.

CREATE TABLE website (
    id   INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE store (
    id         INTEGER PRIMARY KEY,
    website_id INTEGER NOT NULL REFERENCES website (id),
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL
) STRICT;

CREATE TABLE tax_class (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('CUSTOMER', 'PRODUCT'))
) STRICT;

CREATE TABLE customer_group (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    code         TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (code <> ''),
    tax_class_id INTEGER NOT NULL REFERENCES tax_class (id)
) STRICT;

CREATE TABLE excluded_website (
    group_id   INTEGER NOT NULL REFERENCES customer_group (id) ON DELETE CASCADE,
    website_id INTEGER NOT NULL REFERENCES website (id),
    PRIMARY KEY (group_id, website_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW named_group AS
    SELECT customer_group.id, code, tax_class_id, tax_class.name AS tax_class_name
    FROM customer_group JOIN tax_class ON tax_class.id = tax_class_id;

-- What the store's administrator has set; one row.
CREATE TABLE setting (
    default_group_id INTEGER NOT NULL REFERENCES customer_group (id)
) STRICT;

CREATE TABLE customer (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    website_id                INTEGER NOT NULL REFERENCES website (id),
    store_id                  INTEGER NOT NULL REFERENCES store (id),
    group_id                  INTEGER NOT NULL REFERENCES customer_group (id),
    email                     TEXT NOT NULL COLLATE NOCASE CHECK (email <> ''),
    -- The address without case and accents, by which customers are found.
    email_key                 TEXT NOT NULL,
    firstname                 TEXT NOT NULL,
    lastname                  TEXT NOT NULL,
    middlename                TEXT,
    prefix                    TEXT,
    suffix                    TEXT,
    dob                       TEXT,
    gender                    INTEGER,
    taxvat                    TEXT,
    confirmation              TEXT,
    created_at                TEXT NOT NULL,
    updated_at                TEXT NOT NULL,
    created_in                TEXT NOT NULL,
    -- No foreign keys: a default may name an address that is not there.
    default_billing           INTEGER,
    default_shipping          INTEGER,
    disable_auto_group_change INTEGER NOT NULL DEFAULT 0,
    is_subscribed             INTEGER NOT NULL DEFAULT 0 CHECK (is_subscribed IN (0, 1)),
    password_hash             TEXT,
    -- Seconds since 1970: tokens issued up to then are void.
    tokens_void_until         INTEGER,
    reset_token               TEXT,
    -- Seconds since 1970, as all of these: when the token was made, the first of a row of wrong passwords, the end of a lock.
    reset_token_at            INTEGER,
    password_failures         INTEGER NOT NULL DEFAULT 0 CHECK (password_failures >= 0),
    first_failure_at          INTEGER,
    locked_until              INTEGER,
    UNIQUE (email_key, website_id)
) STRICT;

CREATE TABLE address (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    region      TEXT,
    region_id   INTEGER,
    country_id  TEXT NOT NULL,
    -- Lines joined by a line feed.
    street      TEXT NOT NULL,
    company     TEXT,
    telephone   TEXT NOT NULL,
    fax         TEXT,
    postcode    TEXT,
    city        TEXT NOT NULL,
    firstname   TEXT NOT NULL,
    lastname    TEXT NOT NULL,
    middlename  TEXT,
    prefix      TEXT,
    suffix      TEXT,
    vat_id      TEXT
) STRICT;

CREATE INDEX address_of_customer ON address (customer_id);
CREATE INDEX customer_of_group ON customer (group_id);

CREATE TABLE administrator (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    user_name     TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT NOT NULL
) STRICT;

-- Consecutive failed sign-ins by name, including names without an account.
CREATE TABLE sign_in_failure (
    kind      INTEGER NOT NULL,
    user_name TEXT NOT NULL COLLATE NOCASE,
    times     INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    PRIMARY KEY (kind, user_name)
) STRICT, WITHOUT ROWID;

INSERT INTO website (id, code, name) VALUES (0, 'admin', 'Admin'), (1, 'base', 'Main Website');
INSERT INTO store (id, website_id, code, name) VALUES (0, 0, 'admin', 'Admin'), (1, 1, 'default', 'Default Store View');
INSERT INTO tax_class (id, name, kind) VALUES (2, 'Taxable Goods', 'PRODUCT'), (3, 'Retail Customer', 'CUSTOMER');
INSERT INTO customer_group (id, code, tax_class_id) VALUES
    (0, 'NOT LOGGED IN', 3), (1, 'General', 3), (2, 'Wholesale', 3), (3, 'Retailer', 3);
INSERT INTO setting (default_group_id) VALUES (1);
