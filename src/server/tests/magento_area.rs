//! The rest of Magento's customer area: passwords, confirmation, addresses, search, groups.

use serde_json::{Value, json};

use super::super::System;
use super::magento::{PASSWORD, ada, address, registered};
use super::serve;

#[tokio::test]
async fn a_customer_changes_the_password_and_the_token_stays_valid() {
    let server = serve(System::Magento).await;
    let (_, token) = registered(&server, "ada@example.com").await;
    let path = "/V1/customers/me/password";
    for (body, status, expected) in [
        (
            json!({"currentPassword": "Wrong-Pass-1", "newPassword": "New-Pass-123"}),
            401,
            r#"{"message":"The password doesn't match this account. Verify the password and try again."}"#,
        ),
        (
            json!({"currentPassword": PASSWORD, "newPassword": "weak"}),
            400,
            r#"{"message":"The password needs at least %1 characters. Create a new password and try again.","parameters":["8"]}"#,
        ),
        (
            json!({"currentPassword": PASSWORD}),
            400,
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"newPassword"}}"#,
        ),
        (
            json!({"currentPassword": PASSWORD, "newPassword": "New-Pass-123"}),
            200,
            "true",
        ),
    ] {
        let reply = server.call("PUT", path, &token, body).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, expected));
    }
    assert_eq!(
        server
            .call("GET", "/V1/customers/me", &token, Value::Null)
            .await
            .status,
        200
    );
    let new = server
        .token("customer", "ada@example.com", "New-Pass-123")
        .await;
    let revoke = "/V1/integration/customer/revoke-customer-token";
    assert_eq!(
        server.call("POST", revoke, "", Value::Null).await.status,
        401
    );
    assert_eq!(
        server.call("POST", revoke, &new, Value::Null).await.text,
        "true"
    );
    for void in [&token, &new] {
        assert_eq!(
            server
                .call("GET", "/V1/customers/me", void, Value::Null)
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn resetting_a_password_requires_a_known_address_and_the_right_token() {
    let server = serve(System::Magento).await;
    let (id, _) = registered(&server, "ada@example.com").await;
    let start = |body: Value| server.call("PUT", "/V1/customers/password", "", body);
    let known =
        start(json!({"email": "ada@example.com", "template": "email_reset", "websiteId": 1})).await;
    assert_eq!((known.status, known.text.as_str()), (200, "true"));
    let unknown =
        start(json!({"email": "x@example.com", "template": "email_reset", "websiteId": 1})).await;
    assert_eq!(
        (unknown.status, unknown.text.as_str()),
        (
            404,
            r#"{"message":"No such entity with %fieldName = %fieldValue, %field2Name = %field2Value","parameters":{"fieldName":"email","fieldValue":"x@example.com","field2Name":"websiteId","field2Value":1}}"#
        )
    );
    let template = start(json!({"email": "ada@example.com", "template": "nope"})).await;
    assert_eq!(
        template.json()["parameters"],
        json!({"value": "nope", "fieldName": "template", "template1": "email_reminder", "template2": "email_reset"})
    );
    let mismatched = "The password token is mismatched. Reset and try again.";
    let body =
        json!({"email": "ada@example.com", "resetToken": "bad", "newPassword": "New-Pass-123"});
    let reset = server
        .call("POST", "/V1/customers/resetPassword", "", body)
        .await;
    assert_eq!(
        (reset.status, &reset.json()["message"]),
        (400, &json!(mismatched))
    );
    let path = format!("/V1/customers/{id}/password/resetLinkToken/bad");
    let link = server.call("GET", &path, "", Value::Null).await;
    assert_eq!(
        (link.status, &link.json()["message"]),
        (400, &json!(mismatched))
    );
}

#[tokio::test]
async fn an_account_with_a_key_is_activated_by_it() {
    let server = serve(System::Magento).await;
    let (id, token) = registered(&server, "ada@example.com").await;
    let admin = server.admin().await;
    let own = |key: &'static str| {
        server.call(
            "PUT",
            "/V1/customers/me/activate",
            &token,
            json!({ "confirmationKey": key }),
        )
    };
    assert_eq!(
        own("x").await.json()["message"],
        "The account is already active."
    );
    let body = json!({"customer": {"confirmation": "abc"}});
    let kept = server
        .call("PUT", &format!("/V1/customers/{id}"), &admin, body)
        .await
        .json();
    assert_eq!(kept["confirmation"], "abc");
    let path = "/V1/customers/ada@example.com/activate";
    let wrong = server
        .call("PUT", path, &admin, json!({"confirmationKey": "x"}))
        .await;
    assert_eq!(
        wrong.json()["message"],
        "The confirmation token is invalid. Verify the token and try again."
    );
    let resend = json!({"email": "ada@example.com", "websiteId": 1});
    assert_eq!(
        server
            .call("POST", "/V1/customers/confirm", &admin, resend.clone())
            .await
            .text,
        "true"
    );
    assert_eq!(own("abc").await.json().get("confirmation"), None);
    let again = server
        .call("POST", "/V1/customers/confirm", &admin, resend)
        .await;
    assert_eq!(
        (again.status, again.text.as_str()),
        (400, r#"{"message":"Confirmation isn't needed."}"#)
    );
    let status = server
        .call(
            "GET",
            &format!("/V1/customers/{id}/confirm"),
            &admin,
            Value::Null,
        )
        .await;
    assert_eq!(status.text, "\"account_confirmation_not_required\"");
}

#[tokio::test]
async fn addresses_are_read_and_deleted_one_by_one() {
    let server = serve(System::Magento).await;
    let mut body = ada("ada@example.com");
    body["customer"]["addresses"] = json!([address()]);
    let customer = server.call("POST", "/V1/customers", "", body).await.json();
    let token = server.token("customer", "ada@example.com", PASSWORD).await;
    let admin = server.admin().await;
    let (id, address) = (&customer["id"], &customer["addresses"][0]);
    for path in [
        format!("/V1/customers/{id}/billingAddress"),
        format!("/V1/customers/{id}/shippingAddress"),
        format!("/V1/customers/addresses/{}", address["id"]),
    ] {
        assert_eq!(
            server.call("GET", &path, &admin, Value::Null).await.json(),
            *address,
            "{path}"
        );
    }
    let own = "/V1/customers/me/billingAddress";
    assert_eq!(
        server.call("GET", own, &token, Value::Null).await.json(),
        *address
    );
    let path = format!("/V1/addresses/{}", address["id"]);
    assert_eq!(
        server
            .call("DELETE", &path, &token, Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(
        server.call("DELETE", &path, &admin, Value::Null).await.text,
        "true"
    );
    assert_eq!(
        server
            .call("DELETE", &path, &admin, Value::Null)
            .await
            .status,
        404
    );
    assert_eq!(
        server.call("GET", own, &token, Value::Null).await.text,
        "[]"
    );
    let me = server
        .call("GET", "/V1/customers/me", &token, Value::Null)
        .await
        .json();
    assert_eq!(
        (me.get("default_billing"), &me["addresses"]),
        (None, &json!([]))
    );
}

#[tokio::test]
async fn customers_are_searched() {
    let server = serve(System::Magento).await;
    for email in ["a@example.com", "b@example.com", "c@example.org"] {
        registered(&server, email).await;
    }
    let admin = server.admin().await;
    let (shared, token) = (&server, &admin);
    let search = |query: &str| {
        let path = format!("/V1/customers/search{query}");
        async move { shared.call("GET", &path, token, Value::Null).await }
    };
    let missing = search("").await;
    assert_eq!(
        (missing.status, missing.text.as_str()),
        (
            400,
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"searchCriteria"}}"#
        )
    );
    let filter = |field: &str, value: &str, condition: &str| {
        let at = "searchCriteria[filterGroups][0][filters][0]";
        format!("?{at}[field]={field}&{at}[value]={value}&{at}[conditionType]={condition}")
    };
    let found = search(&filter("email", "%25example.com", "like"))
        .await
        .json();
    assert_eq!(found["total_count"], 2);
    assert_eq!(
        found["search_criteria"],
        json!({"filter_groups": [{"filters": [{"field": "email", "value": "%example.com", "condition_type": "like"}]}]})
    );
    for (field, value, condition, count) in [
        ("email", "A@EXAMPLE.COM", "eq", 1),
        ("email", "a@example.com", "neq", 2),
        ("email", "a@example.com,b@example.com", "in", 2),
        ("entity_id", "2", "gteq", 2),
        ("dob", "", "null", 3),
        ("email", "a@example.com", "zzz", 1),
        ("firstname", "ADA", "eq", 3),
        ("email", "%25EXAMPLE.org", "nlike", 2),
        ("group_id", "2,3", "nin", 3),
        ("group_id", "1", "nfinset", 0),
        ("email", "' OR 1 --", "eq", 0),
    ] {
        let query = filter(field, value, condition).replace(' ', "%20");
        assert_eq!(
            search(&query).await.json()["total_count"],
            count,
            "{field} {condition} {value}"
        );
    }
    let paged = search("?searchCriteria[page_size]=1&searchCriteria[current_page]=2&searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=DESC&fields=items[email],total_count").await;
    assert_eq!(
        paged.text,
        r#"{"items":[{"email":"b@example.com"}],"total_count":3}"#
    );
    for (query, message) in [
        (filter("nope", "x", "eq"), "The \"%1\" attribute name is invalid. Reset the name and try again."),
        ("?searchCriteria[bogus]=1".to_owned(), "\"%fieldName\" is not supported. Correct the field name and try again."),
        (
            "?searchCriteria[pageSize]=abc".to_owned(),
            "Error occurred during \"pageSize\" processing. The \"abc\" value's type is invalid. The \"int\" type was expected. Verify and try again.",
        ),
        (
            "?searchCriteria[sortOrders][0][field]=email&searchCriteria[sortOrders][0][direction]=up".to_owned(),
            "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
        ),
    ] {
        let reply = search(&query).await;
        assert_eq!((reply.status, &reply.json()["message"]), (400, &json!(message)));
    }
}

#[tokio::test]
async fn read_only_checks_respond() {
    let server = serve(System::Magento).await;
    let (id, _) = registered(&server, "ada@example.com").await;
    let admin = server.admin().await;
    let available = |body: Value| server.call("POST", "/V1/customers/isEmailAvailable", "", body);
    assert_eq!(
        available(json!({"customerEmail": "ada@example.com"}))
            .await
            .text,
        "true"
    );
    assert_eq!(
        available(json!({"customer_email": "nope", "websiteId": 999}))
            .await
            .status,
        404
    );
    let readonly = format!("/V1/customers/{id}/permissions/readonly");
    assert_eq!(
        server
            .call("GET", &readonly, &admin, Value::Null)
            .await
            .text,
        "false"
    );
    let bare = json!({"customer": {"firstname": "A", "lastname": "B"}});
    assert_eq!(
        server
            .call("PUT", "/V1/customers/validate", &admin, bare)
            .await
            .json(),
        json!({"valid": false, "messages": [
            "The \"Associate to Website\" attribute value is empty. Set the attribute and try again.",
            "The \"Group\" attribute value is empty. Set the attribute and try again.",
            "The \"Email\" attribute value is empty. Set the attribute and try again.",
        ]})
    );
    let group = r#"{"id":1,"code":"General","tax_class_id":3,"tax_class_name":"Retail Customer"}"#;
    assert_eq!(
        server
            .call("GET", "/V1/customerGroups/default", &admin, Value::Null)
            .await
            .text,
        group
    );
    assert_eq!(
        server
            .call("GET", "/V1/customerGroups/1", &admin, Value::Null)
            .await
            .text,
        group
    );
    assert_eq!(
        server
            .call("GET", "/V1/customerGroups/999", &admin, Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn texts_and_numbers_that_a_column_cannot_hold_are_cut() {
    let server = serve(System::Magento).await;
    let mut customer = ada("ada@example.com");
    customer["customer"]["prefix"] = json!("x".repeat(41));
    customer["customer"]["taxvat"] = json!("x".repeat(51));
    customer["customer"]["disable_auto_group_change"] = json!(-1);
    let mut home = address();
    home["company"] = json!("x".repeat(256));
    customer["customer"]["addresses"] = json!([home]);
    let reply = server.call("POST", "/V1/customers", "", customer).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let kept = reply.json();
    assert_eq!(kept["prefix"], "x".repeat(40));
    assert_eq!(kept["taxvat"], "x".repeat(50));
    assert_eq!(kept["disable_auto_group_change"], 0);
    assert_eq!(kept["addresses"][0]["company"], "x".repeat(255));
}
