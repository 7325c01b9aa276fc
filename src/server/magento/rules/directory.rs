//! The countries and regions of the store.

/// A region of a country in the store's directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    pub country: &'static str,
    pub id: i64,
    pub code: &'static str,
    pub name: &'static str,
}

/// Whether the store sells to the country: its ISO 3166 code in capitals.
pub fn is_country(code: &str) -> bool {
    COUNTRIES
        .split_ascii_whitespace()
        .any(|known| known == code)
}

/// Whether an address in the country may have no postcode.
pub fn is_postcode_optional(country: &str) -> bool {
    ["HK", "IE", "MO", "PA", "GB"].contains(&country)
}

/// The region with this number.
pub fn region(id: i64) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.id == id)
}

const COUNTRIES: &str = "\
    AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BA BW BV BR IO VG \
    BN BG BF BI KH CM CA CV KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG \
    SV GQ ER EE SZ ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM HN \
    HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI XK KW KG LA LV LB LS LR LY LI LT LU MO MG MW \
    MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU NF MP KP MK \
    NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM VC WS SM ST SA SN RS SC \
    SL SG SX SK SI SB SO ZA GS KR ES LK SD SR SJ SE CH SY TW TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG \
    UA AE GB US UM VI UY UZ VU VA VE VN WF EH YE ZM ZW";

const fn region_of(
    country: &'static str,
    id: i64,
    code: &'static str,
    name: &'static str,
) -> Region {
    Region {
        country,
        id,
        code,
        name,
    }
}

/// The United States, Canada and Germany: no case uses regions of other countries yet.
const REGIONS: &[Region] = &[
    region_of("US", 1, "AL", "Alabama"),
    region_of("US", 2, "AK", "Alaska"),
    region_of("US", 3, "AS", "American Samoa"),
    region_of("US", 4, "AZ", "Arizona"),
    region_of("US", 5, "AR", "Arkansas"),
    region_of("US", 6, "AE", "Armed Forces Africa"),
    region_of("US", 7, "AA", "Armed Forces Americas"),
    region_of("US", 8, "AE", "Armed Forces Canada"),
    region_of("US", 9, "AE", "Armed Forces Europe"),
    region_of("US", 10, "AE", "Armed Forces Middle East"),
    region_of("US", 11, "AP", "Armed Forces Pacific"),
    region_of("US", 12, "CA", "California"),
    region_of("US", 13, "CO", "Colorado"),
    region_of("US", 14, "CT", "Connecticut"),
    region_of("US", 15, "DE", "Delaware"),
    region_of("US", 16, "DC", "District of Columbia"),
    region_of("US", 17, "FM", "Federated States Of Micronesia"),
    region_of("US", 18, "FL", "Florida"),
    region_of("US", 19, "GA", "Georgia"),
    region_of("US", 20, "GU", "Guam"),
    region_of("US", 21, "HI", "Hawaii"),
    region_of("US", 22, "ID", "Idaho"),
    region_of("US", 23, "IL", "Illinois"),
    region_of("US", 24, "IN", "Indiana"),
    region_of("US", 25, "IA", "Iowa"),
    region_of("US", 26, "KS", "Kansas"),
    region_of("US", 27, "KY", "Kentucky"),
    region_of("US", 28, "LA", "Louisiana"),
    region_of("US", 29, "ME", "Maine"),
    region_of("US", 30, "MH", "Marshall Islands"),
    region_of("US", 31, "MD", "Maryland"),
    region_of("US", 32, "MA", "Massachusetts"),
    region_of("US", 33, "MI", "Michigan"),
    region_of("US", 34, "MN", "Minnesota"),
    region_of("US", 35, "MS", "Mississippi"),
    region_of("US", 36, "MO", "Missouri"),
    region_of("US", 37, "MT", "Montana"),
    region_of("US", 38, "NE", "Nebraska"),
    region_of("US", 39, "NV", "Nevada"),
    region_of("US", 40, "NH", "New Hampshire"),
    region_of("US", 41, "NJ", "New Jersey"),
    region_of("US", 42, "NM", "New Mexico"),
    region_of("US", 43, "NY", "New York"),
    region_of("US", 44, "NC", "North Carolina"),
    region_of("US", 45, "ND", "North Dakota"),
    region_of("US", 46, "MP", "Northern Mariana Islands"),
    region_of("US", 47, "OH", "Ohio"),
    region_of("US", 48, "OK", "Oklahoma"),
    region_of("US", 49, "OR", "Oregon"),
    region_of("US", 50, "PW", "Palau"),
    region_of("US", 51, "PA", "Pennsylvania"),
    region_of("US", 52, "PR", "Puerto Rico"),
    region_of("US", 53, "RI", "Rhode Island"),
    region_of("US", 54, "SC", "South Carolina"),
    region_of("US", 55, "SD", "South Dakota"),
    region_of("US", 56, "TN", "Tennessee"),
    region_of("US", 57, "TX", "Texas"),
    region_of("US", 58, "UT", "Utah"),
    region_of("US", 59, "VT", "Vermont"),
    region_of("US", 60, "VI", "Virgin Islands"),
    region_of("US", 61, "VA", "Virginia"),
    region_of("US", 62, "WA", "Washington"),
    region_of("US", 63, "WV", "West Virginia"),
    region_of("US", 64, "WI", "Wisconsin"),
    region_of("US", 65, "WY", "Wyoming"),
    region_of("CA", 66, "AB", "Alberta"),
    region_of("CA", 67, "BC", "British Columbia"),
    region_of("CA", 68, "MB", "Manitoba"),
    region_of("CA", 69, "NL", "Newfoundland and Labrador"),
    region_of("CA", 70, "NB", "New Brunswick"),
    region_of("CA", 71, "NS", "Nova Scotia"),
    region_of("CA", 72, "NT", "Northwest Territories"),
    region_of("CA", 73, "NU", "Nunavut"),
    region_of("CA", 74, "ON", "Ontario"),
    region_of("CA", 75, "PE", "Prince Edward Island"),
    region_of("CA", 76, "QC", "Quebec"),
    region_of("CA", 77, "SK", "Saskatchewan"),
    region_of("CA", 78, "YT", "Yukon Territory"),
    region_of("DE", 79, "NDS", "Niedersachsen"),
    region_of("DE", 80, "BAW", "Baden-Württemberg"),
    region_of("DE", 81, "BAY", "Bayern"),
    region_of("DE", 82, "BER", "Berlin"),
    region_of("DE", 83, "BRG", "Brandenburg"),
    region_of("DE", 84, "BRE", "Bremen"),
    region_of("DE", 85, "HAM", "Hamburg"),
    region_of("DE", 86, "HES", "Hessen"),
    region_of("DE", 87, "MEC", "Mecklenburg-Vorpommern"),
    region_of("DE", 88, "NRW", "Nordrhein-Westfalen"),
    region_of("DE", 89, "RHE", "Rheinland-Pfalz"),
    region_of("DE", 90, "SAR", "Saarland"),
    region_of("DE", 91, "SAS", "Sachsen"),
    region_of("DE", 92, "SAC", "Sachsen-Anhalt"),
    region_of("DE", 93, "SCN", "Schleswig-Holstein"),
    region_of("DE", 94, "THE", "Thüringen"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_regions() {
        assert!(is_country("US") && is_country("ZW"));
        assert!(!is_country("XX") && !is_country("us") && !is_country("") && !is_country("US DE"));
        assert_eq!(region(57), Some(&region_of("US", 57, "TX", "Texas")));
        assert_eq!(region(9999), None);
        assert!(REGIONS.windows(2).all(|pair| pair[0].id + 1 == pair[1].id));
    }
}
