//! The data objects of the customer area as tables: field, kind. The API writes fields in snake case and reads camel case too.

/// What a value is converted to.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Int,
    Text,
    Flag,
    /// Taken as it comes.
    Mixed,
    /// A list of texts; a scalar is refused.
    Texts,
    /// A list of integers; a scalar is refused.
    Ints,
    Object(&'static DataType),
    /// A list, or a map whose keys do not matter; a scalar counts as null.
    Objects(&'static DataType),
    /// `custom_attributes`: a list of {attribute_code, value}, or a map from code to value.
    Attributes,
}

impl Kind {
    /// The name in messages about wrong types.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Int => "int",
            Kind::Text => "string",
            Kind::Flag => "boolean",
            Kind::Texts => "string[]",
            Kind::Ints => "int[]",
            Kind::Mixed | Kind::Object(_) | Kind::Objects(_) | Kind::Attributes => "mixed",
        }
    }
}

/// A data object: every field a client may send. Any other is refused.
#[derive(Debug)]
pub struct DataType {
    pub fields: &'static [(&'static str, Kind)],
}

/// An argument of a service, named in camel case.
#[derive(Debug)]
pub struct Argument {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

impl Argument {
    /// One that must be sent, and not as null.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Argument {
            name,
            kind,
            required: true,
        }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Argument {
            name,
            kind,
            required: false,
        }
    }
}

/// `Magento\Customer\Api\Data\CustomerInterface`.
pub const CUSTOMER: DataType = DataType {
    fields: &[
        ("id", Kind::Int),
        ("group_id", Kind::Int),
        ("default_billing", Kind::Text),
        ("default_shipping", Kind::Text),
        ("confirmation", Kind::Text),
        ("created_at", Kind::Text),
        ("updated_at", Kind::Text),
        ("created_in", Kind::Text),
        ("dob", Kind::Text),
        ("email", Kind::Text),
        ("firstname", Kind::Text),
        ("lastname", Kind::Text),
        ("middlename", Kind::Text),
        ("prefix", Kind::Text),
        ("suffix", Kind::Text),
        ("gender", Kind::Int),
        ("store_id", Kind::Int),
        ("taxvat", Kind::Text),
        ("website_id", Kind::Int),
        ("addresses", Kind::Objects(&ADDRESS)),
        ("disable_auto_group_change", Kind::Int),
        ("extension_attributes", Kind::Object(&CUSTOMER_EXTENSION)),
        ("custom_attributes", Kind::Attributes),
    ],
};

/// `Magento\Customer\Api\Data\AddressInterface`.
const ADDRESS: DataType = DataType {
    fields: &[
        ("id", Kind::Int),
        ("customer_id", Kind::Int),
        ("region", Kind::Object(&REGION)),
        ("region_id", Kind::Int),
        ("country_id", Kind::Text),
        ("street", Kind::Texts),
        ("company", Kind::Text),
        ("telephone", Kind::Text),
        ("fax", Kind::Text),
        ("postcode", Kind::Text),
        ("city", Kind::Text),
        ("firstname", Kind::Text),
        ("lastname", Kind::Text),
        ("middlename", Kind::Text),
        ("prefix", Kind::Text),
        ("suffix", Kind::Text),
        ("vat_id", Kind::Text),
        ("default_shipping", Kind::Flag),
        ("default_billing", Kind::Flag),
        ("extension_attributes", Kind::Object(&NO_EXTENSION)),
        ("custom_attributes", Kind::Attributes),
    ],
};

/// `Magento\Customer\Api\Data\RegionInterface`.
const REGION: DataType = DataType {
    fields: &[
        ("region_code", Kind::Text),
        ("region", Kind::Text),
        ("region_id", Kind::Int),
        ("extension_attributes", Kind::Object(&NO_EXTENSION)),
    ],
};

/// `assistance_allowed` is declared an integer, yet any value is let through and none comes back.
const CUSTOMER_EXTENSION: DataType = DataType {
    fields: &[
        ("assistance_allowed", Kind::Mixed),
        ("is_subscribed", Kind::Flag),
    ],
};

const NO_EXTENSION: DataType = DataType { fields: &[] };

/// `Magento\Customer\Api\Data\GroupInterface`.
pub const GROUP: DataType = DataType {
    fields: &[
        ("id", Kind::Int),
        ("code", Kind::Text),
        ("tax_class_id", Kind::Int),
        ("tax_class_name", Kind::Text),
        ("extension_attributes", Kind::Object(&GROUP_EXTENSION)),
    ],
};

const GROUP_EXTENSION: DataType = DataType {
    fields: &[("exclude_website_ids", Kind::Ints)],
};

/// `Magento\Framework\Api\SearchCriteriaInterface`.
pub const SEARCH_CRITERIA: DataType = DataType {
    fields: &[
        ("filter_groups", Kind::Objects(&FILTER_GROUP)),
        ("sort_orders", Kind::Objects(&SORT_ORDER)),
        ("page_size", Kind::Int),
        ("current_page", Kind::Int),
    ],
};

const FILTER_GROUP: DataType = DataType {
    fields: &[("filters", Kind::Objects(&FILTER))],
};

const FILTER: DataType = DataType {
    fields: &[
        ("field", Kind::Text),
        ("value", Kind::Text),
        ("condition_type", Kind::Text),
    ],
};

const SORT_ORDER: DataType = DataType {
    fields: &[("field", Kind::Text), ("direction", Kind::Text)],
};
