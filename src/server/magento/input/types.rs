//! The data objects of the customer area as tables: field, kind. The API writes fields in snake case and reads camel case too.

/// The type that a value is converted to.
#[derive(Debug, Clone, Copy)]
pub enum InputType {
    Int,
    Text,
    Flag,
    /// Not converted.
    Mixed,
    /// A list of texts; a scalar is rejected.
    Texts,
    /// A list of integers; a scalar is rejected.
    Ints,
    Object(&'static DataType),
    /// A list, or a map whose keys are ignored; a scalar counts as null.
    Objects(&'static DataType),
    /// `custom_attributes`: a list of {attribute_code, value}, or a map from code to value.
    Attributes,
}

impl InputType {
    /// The name in messages about wrong types.
    pub fn name(self) -> &'static str {
        match self {
            InputType::Int => "int",
            InputType::Text => "string",
            InputType::Flag => "boolean",
            InputType::Texts => "string[]",
            InputType::Ints => "int[]",
            InputType::Mixed
            | InputType::Object(_)
            | InputType::Objects(_)
            | InputType::Attributes => "mixed",
        }
    }
}

/// A data object: all fields that a client may send. Other fields are rejected.
#[derive(Debug)]
pub struct DataType {
    pub fields: &'static [(&'static str, InputType)],
}

/// An argument of a service, named in camel case.
#[derive(Debug)]
pub struct Argument {
    pub name: &'static str,
    pub kind: InputType,
    pub required: bool,
}

impl Argument {
    /// A required argument that must not be null.
    pub const fn required(name: &'static str, kind: InputType) -> Self {
        Argument {
            name,
            kind,
            required: true,
        }
    }

    /// An optional argument.
    pub const fn optional(name: &'static str, kind: InputType) -> Self {
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
        ("id", InputType::Int),
        ("group_id", InputType::Int),
        ("default_billing", InputType::Text),
        ("default_shipping", InputType::Text),
        ("confirmation", InputType::Text),
        ("created_at", InputType::Text),
        ("updated_at", InputType::Text),
        ("created_in", InputType::Text),
        ("dob", InputType::Text),
        ("email", InputType::Text),
        ("firstname", InputType::Text),
        ("lastname", InputType::Text),
        ("middlename", InputType::Text),
        ("prefix", InputType::Text),
        ("suffix", InputType::Text),
        ("gender", InputType::Int),
        ("store_id", InputType::Int),
        ("taxvat", InputType::Text),
        ("website_id", InputType::Int),
        ("addresses", InputType::Objects(&ADDRESS)),
        ("disable_auto_group_change", InputType::Int),
        (
            "extension_attributes",
            InputType::Object(&CUSTOMER_EXTENSION),
        ),
        ("custom_attributes", InputType::Attributes),
    ],
};

/// `Magento\Customer\Api\Data\AddressInterface`.
const ADDRESS: DataType = DataType {
    fields: &[
        ("id", InputType::Int),
        ("customer_id", InputType::Int),
        ("region", InputType::Object(&REGION)),
        ("region_id", InputType::Int),
        ("country_id", InputType::Text),
        ("street", InputType::Texts),
        ("company", InputType::Text),
        ("telephone", InputType::Text),
        ("fax", InputType::Text),
        ("postcode", InputType::Text),
        ("city", InputType::Text),
        ("firstname", InputType::Text),
        ("lastname", InputType::Text),
        ("middlename", InputType::Text),
        ("prefix", InputType::Text),
        ("suffix", InputType::Text),
        ("vat_id", InputType::Text),
        ("default_shipping", InputType::Flag),
        ("default_billing", InputType::Flag),
        ("extension_attributes", InputType::Object(&NO_EXTENSION)),
        ("custom_attributes", InputType::Attributes),
    ],
};

/// `Magento\Customer\Api\Data\RegionInterface`.
const REGION: DataType = DataType {
    fields: &[
        ("region_code", InputType::Text),
        ("region", InputType::Text),
        ("region_id", InputType::Int),
        ("extension_attributes", InputType::Object(&NO_EXTENSION)),
    ],
};

/// `assistance_allowed` is declared as an integer, but any value is accepted and none is returned.
const CUSTOMER_EXTENSION: DataType = DataType {
    fields: &[
        ("assistance_allowed", InputType::Mixed),
        ("is_subscribed", InputType::Flag),
    ],
};

const NO_EXTENSION: DataType = DataType { fields: &[] };

/// `Magento\Customer\Api\Data\GroupInterface`.
pub const GROUP: DataType = DataType {
    fields: &[
        ("id", InputType::Int),
        ("code", InputType::Text),
        ("tax_class_id", InputType::Int),
        ("tax_class_name", InputType::Text),
        ("extension_attributes", InputType::Object(&GROUP_EXTENSION)),
    ],
};

const GROUP_EXTENSION: DataType = DataType {
    fields: &[("exclude_website_ids", InputType::Ints)],
};

/// `Magento\Framework\Api\SearchCriteriaInterface`.
pub const SEARCH_CRITERIA: DataType = DataType {
    fields: &[
        ("filter_groups", InputType::Objects(&FILTER_GROUP)),
        ("sort_orders", InputType::Objects(&SORT_ORDER)),
        ("page_size", InputType::Int),
        ("current_page", InputType::Int),
    ],
};

const FILTER_GROUP: DataType = DataType {
    fields: &[("filters", InputType::Objects(&FILTER))],
};

const FILTER: DataType = DataType {
    fields: &[
        ("field", InputType::Text),
        ("value", InputType::Text),
        ("condition_type", InputType::Text),
    ],
};

const SORT_ORDER: DataType = DataType {
    fields: &[("field", InputType::Text), ("direction", InputType::Text)],
};
