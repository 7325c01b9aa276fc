//! Magento's registered customers: reading, changing, deleting, guessing.

use serde_json::{Value, json};

use super::super::System;
use super::magento::{PASSWORD, ada, address, registered};
use super::serve;

#[tokio::test]
async fn only_administrators_read_customers_by_id() {
    let server = serve(System::Magento).await;
    let (id, token) = registered(&server, "ada@example.com").await;
    let admin = server.admin().await;
    let path = format!("/V1/customers/{id}");
    for (token, status) in [
        ("", 401),
        ("garbage", 401),
        (token.as_str(), 401),
        (admin.as_str(), 200),
    ] {
        assert_eq!(
            server.call("GET", &path, token, Value::Null).await.status,
            status
        );
    }
    let me = server
        .call("GET", "/V1/customers/me", &admin, Value::Null)
        .await;
    assert_eq!(
        (me.status, me.text.as_str()),
        (
            400,
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"customerId"}}"#
        )
    );
    let filtered = server
        .call(
            "GET",
            "/V1/customers/me?fields=id,email,addresses[city]",
            &token,
            Value::Null,
        )
        .await;
    assert_eq!(
        filtered.text,
        format!(r#"{{"id":{id},"email":"ada@example.com","addresses":null}}"#)
    );
    for (id, status, expected) in [
        (
            "999999",
            404,
            r#"{"message":"No such entity with %fieldName = %fieldValue","parameters":{"fieldName":"customerId","fieldValue":999999}}"#,
        ),
        (
            "abc",
            400,
            r#"{"message":"The \"abc\" value's type is invalid. The \"int\" type was expected. Verify and try again."}"#,
        ),
        (
            "%2F",
            400,
            r#"{"message":"The \"\/\" value's type is invalid. The \"int\" type was expected. Verify and try again."}"#,
        ),
        (
            "99999999999999999999",
            404,
            r#"{"message":"No such entity with %fieldName = %fieldValue","parameters":{"fieldName":"customerId","fieldValue":9223372036854775807}}"#,
        ),
    ] {
        let reply = server
            .call("GET", &format!("/V1/customers/{id}"), &admin, Value::Null)
            .await;
        assert_eq!((reply.status, reply.text.as_str()), (status, expected));
    }
}

#[tokio::test]
async fn a_customer_changes_the_own_account() {
    let server = serve(System::Magento).await;
    let (id, token) = registered(&server, "ada@example.com").await;
    let put = |body: Value| server.call("PUT", "/V1/customers/me", &token, body);
    // The token's values override the body before types are checked, so this is not an error.
    let body = json!({"customer": {
        "id": "abc", "website_id": [], "group_id": 999, "email": "ada@example.com", "firstname": "Augusta",
        "lastname": "Lovelace", "gender": 1, "dob": "1990-12-10", "addresses": [address()],
    }});
    let changed = put(body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(
        (&changed["id"], &changed["firstname"]),
        (&json!(id), &json!("Augusta"))
    );
    assert_eq!(changed["addresses"][0]["default_billing"], true);
    let me = server
        .call("GET", "/V1/customers/me", &token, Value::Null)
        .await;
    assert_eq!(me.json(), changed);
    // Null keeps a value, an empty text clears it, null addresses are kept but are no longer defaults.
    let customer = |more: Value| {
        let mut body =
            json!({"customer": {"email": "ada@example.com", "firstname": "A", "lastname": "B"}});
        for (key, value) in more.as_object().unwrap() {
            body["customer"][key] = value.clone();
        }
        body
    };
    let kept = put(customer(json!({"gender": null, "dob": ""})))
        .await
        .json();
    assert_eq!((&kept["gender"], kept.get("dob")), (&json!(1), None));
    assert_eq!(kept["default_billing"], changed["default_billing"]);
    let loose = put(customer(json!({"addresses": null}))).await.json();
    assert_eq!(
        (
            loose.get("default_billing"),
            loose["addresses"].as_array().unwrap().len()
        ),
        (None, 1)
    );
    let address_id = loose["addresses"][0]["id"].clone();
    let merged = put(customer(
        json!({"addresses": [{"id": address_id, "city": "Waco"}]}),
    ))
    .await
    .json();
    assert_eq!(
        (
            &merged["addresses"][0]["city"],
            &merged["addresses"][0]["postcode"]
        ),
        (&json!("Waco"), &json!("78758"))
    );
    assert_eq!(
        put(customer(json!({"addresses": []}))).await.json()["addresses"],
        json!([])
    );
    for (body, message) in [
        (
            Value::Null,
            "The customer email is missing. Enter and try again.",
        ),
        (
            json!({"customer": {"email": "ada@example.com", "lastname": "B"}}),
            "\"First Name\" is a required value.",
        ),
        (
            customer(json!({"addresses": [{"id": 999_999}]})),
            "No such entity with %fieldName = %fieldValue",
        ),
    ] {
        assert_eq!(put(body).await.json()["message"], message);
    }
}

#[tokio::test]
async fn an_administrator_merges_and_deletes() {
    let server = serve(System::Magento).await;
    let (id, token) = registered(&server, "ada@example.com").await;
    let admin = server.admin().await;
    let path = format!("/V1/customers/{id}");
    let merged = server
        .call(
            "PUT",
            &path,
            &admin,
            json!({"customer": {"firstname": "Grace", "group_id": 2}}),
        )
        .await
        .json();
    assert_eq!(merged["email"], "ada@example.com");
    assert_eq!(
        (&merged["firstname"], &merged["group_id"]),
        (&json!("Grace"), &json!(2))
    );
    let foreign = json!({"customer": {"website_id": 999}});
    assert_eq!(server.call("PUT", &path, &admin, foreign).await.status, 500);
    let created = json!({"customer": {"email": "new@example.com", "firstname": "A", "lastname": "B", "website_id": 1}});
    assert_eq!(
        server
            .call("PUT", "/V1/customers/0", &admin, created)
            .await
            .json()["id"],
        id + 1
    );
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
        server
            .call("GET", "/V1/customers/me", &token, Value::Null)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn guessing_a_password_is_stopped() {
    let server = serve(System::Magento).await;
    registered(&server, "ada@example.com").await;
    let sign_in = |password: &'static str| {
        let body = json!({"username": "ada@example.com", "password": password});
        server.call("POST", "/V1/integration/customer/token", "", body)
    };
    for _ in 0..5 {
        assert_eq!(sign_in("Wrong-Pass-1").await.status, 401);
    }
    // A success resets the count.
    assert_eq!(sign_in(PASSWORD).await.status, 200);
    for _ in 0..6 {
        assert_eq!(sign_in("Wrong-Pass-1").await.status, 401);
    }
    let locked = sign_in(PASSWORD).await;
    assert_eq!(
        (locked.status, locked.text.as_str()),
        (
            401,
            r#"{"message":"The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."}"#
        )
    );
}

#[tokio::test]
async fn one_of_64_concurrent_registrations_succeeds() {
    let server = serve(System::Magento).await;
    let requests =
        (0..64).map(|_| server.call("POST", "/V1/customers", "", ada("race@example.com")));
    let replies = futures_util::future::join_all(requests).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        1
    );
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 400).count(),
        63
    );
}

#[tokio::test]
async fn two_instances_share_nothing() {
    let (first, second) = (serve(System::Magento).await, serve(System::Magento).await);
    let (_, token) = registered(&first, "ada@example.com").await;
    registered(&second, "ada@example.com").await;
    assert_eq!(
        first
            .call("GET", "/V1/customers/me", &token, Value::Null)
            .await
            .status,
        200
    );
    assert_eq!(
        second
            .call("GET", "/V1/customers/me", &token, Value::Null)
            .await
            .status,
        401
    );
    let url = first.running.url();
    first.running.stop().await;
    assert!(first.client.get(url).send().await.is_err());
}
