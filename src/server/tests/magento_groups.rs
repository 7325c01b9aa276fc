//! Customer groups. Messages and statuses are those of Magento's group repository; the seeded groups are a new store's.

use serde_json::{Value, json};

use super::super::System;
use super::magento::{ada, registered};
use super::{Server, serve};

const REQUIRED: &str = "\"%fieldName\" is required. Enter and try again.";
const NO_SUCH: &str = "No such entity with %fieldName = %fieldValue";

async fn expect(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
    expected: (u16, Value),
) {
    let reply = server.call(method, path, token, body).await;
    assert_eq!((reply.status, reply.json()), expected, "{method} {path}");
}

#[tokio::test]
async fn groups_are_saved_read_and_deleted() {
    let server = serve(System::Magento).await;
    let admin = server.admin().await;
    let made =
        json!({"id": 4, "code": "Friends", "tax_class_id": 3, "tax_class_name": "Retail Customer"});
    let renamed =
        json!({"id": 4, "code": "Family", "tax_class_id": 3, "tax_class_name": "Retail Customer"});
    let excluding = json!({
        "id": 4, "code": "Family", "tax_class_id": 3, "tax_class_name": "Retail Customer",
        "extension_attributes": {"exclude_website_ids": [1]},
    });
    let groups = "/V1/customerGroups";
    let fourth = "/V1/customerGroups/4";
    for (method, path, body, expected) in [
        (
            "POST",
            groups,
            json!({"group": {"code": "Friends"}}),
            (200, made.clone()),
        ),
        ("GET", fourth, Value::Null, (200, made)),
        // The id of the path is used.
        (
            "PUT",
            fourth,
            json!({"group": {"id": 1, "code": "Family", "tax_class_id": 3}}),
            (200, renamed),
        ),
        (
            "PUT",
            fourth,
            json!({"group": {"code": "Family", "taxClassId": "3", "extension_attributes": {"exclude_website_ids": ["1"]}}}),
            (200, excluding),
        ),
        (
            "GET",
            "/V1/customerGroups/4/permissions",
            Value::Null,
            (200, json!(false)),
        ),
        (
            "GET",
            "/V1/customerGroups/0/permissions",
            Value::Null,
            (200, json!(true)),
        ),
        (
            "GET",
            "/V1/customerGroups/1/permissions",
            Value::Null,
            (200, json!(true)),
        ),
        (
            "GET",
            "/V1/customerGroups/999/permissions",
            Value::Null,
            (
                404,
                json!({"message": NO_SUCH, "parameters": {"fieldName": "groupId", "fieldValue": 999}}),
            ),
        ),
        ("DELETE", fourth, Value::Null, (200, json!(true))),
        (
            "DELETE",
            fourth,
            Value::Null,
            (
                404,
                json!({"message": NO_SUCH, "parameters": {"fieldName": "id", "fieldValue": 4}}),
            ),
        ),
        (
            "DELETE",
            "/V1/customerGroups/1",
            Value::Null,
            (400, json!({"message": "Cannot delete group."})),
        ),
        (
            "DELETE",
            "/V1/customerGroups/0",
            Value::Null,
            (400, json!({"message": "Cannot delete group."})),
        ),
    ] {
        expect(&server, &admin, method, path, body, expected).await;
    }
}

#[tokio::test]
async fn groups_that_cannot_be_are_refused() {
    let server = serve(System::Magento).await;
    let (_, customer) = registered(&server, "ada@example.com").await;
    let admin = server.admin().await;
    let groups = "/V1/customerGroups";
    let named = |field: &str| json!({"message": REQUIRED, "parameters": {"fieldName": field}});
    let no_tax_class = |id: Value| {
        json!({
            "message": "Invalid value of \"%value\" provided for the %fieldName field.",
            "parameters": {"fieldName": "taxClassId", "value": id},
        })
    };
    let resources = json!({
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Customer::group"},
    });
    for (token, method, path, body, expected) in [
        (&*admin, "POST", groups, json!({}), (400, named("group"))),
        (
            &admin,
            "POST",
            groups,
            json!({"group": {}}),
            (400, named("code")),
        ),
        (
            &admin,
            "POST",
            groups,
            json!({"group": {"code": "A", "tax_class_id": 9999}}),
            (400, no_tax_class(json!(9999))),
        ),
        // 2 is a class of products.
        (
            &admin,
            "POST",
            groups,
            json!({"group": {"code": "A", "tax_class_id": 2}}),
            (400, no_tax_class(json!(2))),
        ),
        (
            &admin,
            "PUT",
            "/V1/customerGroups/2",
            json!({"group": {"code": "A"}}),
            (400, no_tax_class(Value::Null)),
        ),
        (
            &admin,
            "POST",
            groups,
            json!({"group": {"code": "general"}}),
            (400, json!({"message": "Customer Group already exists."})),
        ),
        (
            &admin,
            "PUT",
            "/V1/customerGroups/999",
            json!({"group": {"code": "A", "tax_class_id": 3}}),
            (
                404,
                json!({"message": NO_SUCH, "parameters": {"fieldName": "id", "fieldValue": 999}}),
            ),
        ),
        (
            &admin,
            "POST",
            groups,
            json!({"group": {"code": "A", "bogus": 1}}),
            (
                400,
                json!({
                    "message": "\"%fieldName\" is not supported. Correct the field name and try again.",
                    "parameters": {"fieldName": "Bogus"},
                }),
            ),
        ),
        (
            &admin,
            "PUT",
            "/V1/customerGroups/abc",
            json!({"group": {"code": "A", "tax_class_id": 3}}),
            (
                400,
                json!({"message": "Error occurred during \"id\" processing. The \"abc\" value's type is invalid. The \"int\" type was expected. Verify and try again."}),
            ),
        ),
        (
            &customer,
            "POST",
            groups,
            json!({"group": {"code": "A"}}),
            (401, resources.clone()),
        ),
        (
            "",
            "DELETE",
            "/V1/customerGroups/2",
            Value::Null,
            (401, resources),
        ),
    ] {
        expect(&server, token, method, path, body, expected).await;
    }
    let long = "x".repeat(40);
    let cut = server
        .call("POST", groups, &admin, json!({"group": {"code": long}}))
        .await;
    assert_eq!(cut.json()["code"], "x".repeat(32));
}

#[tokio::test]
async fn customers_that_are_new_or_of_a_deleted_group_get_the_default_group() {
    let server = serve(System::Magento).await;
    let admin = server.admin().await;
    let wholesale = json!({"id": 2, "code": "Wholesale", "tax_class_id": 3, "tax_class_name": "Retail Customer"});
    for (method, path, expected) in [
        ("PUT", "/V1/customerGroups/default/2", (200, json!(2))),
        (
            "GET",
            "/V1/customerGroups/default",
            (200, wholesale.clone()),
        ),
        ("GET", "/V1/customerGroups/default/1", (200, wholesale)),
        (
            "GET",
            "/V1/customerGroups/default/99",
            (
                404,
                json!({"message": NO_SUCH, "parameters": {"fieldName": "storeId", "fieldValue": 99}}),
            ),
        ),
        (
            "PUT",
            "/V1/customerGroups/default/999",
            (
                404,
                json!({"message": NO_SUCH, "parameters": {"fieldName": "id", "fieldValue": 999}}),
            ),
        ),
        (
            "DELETE",
            "/V1/customerGroups/2",
            (400, json!({"message": "Cannot delete group."})),
        ),
    ] {
        expect(&server, &admin, method, path, Value::Null, expected).await;
    }
    let (id, _) = registered(&server, "ada@example.com").await;
    let path = format!("/V1/customers/{id}");
    assert_eq!(
        server.call("GET", &path, &admin, Value::Null).await.json()["group_id"],
        2
    );
    // A customer moves to the default group when the customer's group is deleted.
    let mut grace = ada("grace@example.com");
    grace["customer"]["group_id"] = json!(3);
    let grace = server
        .call("POST", "/V1/customers", &admin, grace)
        .await
        .json();
    assert_eq!(grace["group_id"], 3);
    expect(
        &server,
        &admin,
        "DELETE",
        "/V1/customerGroups/3",
        Value::Null,
        (200, json!(true)),
    )
    .await;
    let path = format!("/V1/customers/{}", grace["id"]);
    assert_eq!(
        server.call("GET", &path, &admin, Value::Null).await.json()["group_id"],
        2
    );
}

#[tokio::test]
async fn groups_are_searched() {
    let server = serve(System::Magento).await;
    let admin = server.admin().await;
    let search = "/V1/customerGroups/search?";
    let recorded = server
        .call(
            "GET",
            &format!("{search}searchCriteria[pageSize]=2"),
            &admin,
            Value::Null,
        )
        .await;
    assert_eq!(
        recorded.text,
        concat!(
            r#"{"items":[{"id":0,"code":"NOT LOGGED IN","tax_class_id":3,"tax_class_name":"Retail Customer"},"#,
            r#"{"id":1,"code":"General","tax_class_id":3,"tax_class_name":"Retail Customer"}],"#,
            r#""search_criteria":{"filter_groups":[],"page_size":2},"total_count":4}"#
        )
    );
    let (filter, order) = (
        "searchCriteria[filterGroups][0][filters][0]",
        "searchCriteria[sortOrders][0]",
    );
    let internal = "Internal Error. Details are available in Magento log file. Report ID: webapi-";
    for (query, status, items) in [
        (
            format!("{filter}[field]=code&{filter}[value]=%25ral%25&{filter}[conditionType]=like"),
            200,
            json!([1]),
        ),
        (
            format!(
                "{filter}[field]=id&{filter}[value]=1&{filter}[conditionType]=gt&{order}[field]=code&{order}[direction]=ASC"
            ),
            200,
            json!([3, 2]),
        ),
        (
            format!(
                "{filter}[field]=tax_class_name&{filter}[value]=Retail Customer&{order}[field]=id"
            ),
            200,
            json!([3, 2, 1, 0]),
        ),
        (
            format!("{filter}[field]=nope&{filter}[value]=1"),
            500,
            Value::Null,
        ),
        (format!("{order}[field]=nope"), 500, Value::Null),
    ] {
        let reply = server
            .call("GET", &format!("{search}{query}"), &admin, Value::Null)
            .await;
        assert_eq!(reply.status, status, "{query}");
        let body = reply.json();
        if status == 200 {
            let ids: Vec<&Value> = body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| &item["id"])
                .collect();
            assert_eq!(json!(ids), items, "{query}");
        } else {
            assert!(
                body["message"].as_str().unwrap().starts_with(internal),
                "{query}"
            );
        }
    }
    let restricted = server
        .call(
            "GET",
            &format!("{search}{order}[field]=a-b"),
            &admin,
            Value::Null,
        )
        .await;
    assert_eq!(
        (restricted.status, restricted.json()),
        (
            400,
            json!({"message": "Sort order field %1 contains restricted symbols", "parameters": ["a-b"]})
        )
    );
}
