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

CREATE TABLE customer_group (
    id             INTEGER PRIMARY KEY,
    code           TEXT NOT NULL UNIQUE,
    tax_class_id   INTEGER NOT NULL,
    tax_class_name TEXT NOT NULL
) STRICT;

CREATE TABLE customer (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    website_id                INTEGER NOT NULL REFERENCES website (id),
    store_id                  INTEGER NOT NULL REFERENCES store (id),
    group_id                  INTEGER NOT NULL REFERENCES customer_group (id),
    email                     TEXT NOT NULL COLLATE NOCASE CHECK (email <> ''),
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
    UNIQUE (email, website_id)
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

CREATE TABLE administrator (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    user_name     TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT NOT NULL
) STRICT;

-- Failed sign-ins in a row, by the name that was tried: it need not be anybody's.
CREATE TABLE sign_in_failure (
    kind      INTEGER NOT NULL,
    user_name TEXT NOT NULL COLLATE NOCASE,
    times     INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    PRIMARY KEY (kind, user_name)
) STRICT, WITHOUT ROWID;

INSERT INTO website (id, code, name) VALUES (0, 'admin', 'Admin'), (1, 'base', 'Main Website');
INSERT INTO store (id, website_id, code, name) VALUES (0, 0, 'admin', 'Admin'), (1, 1, 'default', 'Default Store View');
INSERT INTO customer_group (id, code, tax_class_id, tax_class_name) VALUES
    (0, 'NOT LOGGED IN', 3, 'Retail Customer'),
    (1, 'General', 3, 'Retail Customer'),
    (2, 'Wholesale', 3, 'Retail Customer'),
    (3, 'Retailer', 3, 'Retail Customer');
