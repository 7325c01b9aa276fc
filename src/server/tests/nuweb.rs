//! NuWeb's update of a customer.

use serde_json::{Value, json};

use super::super::{NUWEB_TOKEN, System};
use super::{Reply, Server, send, serve};

async fn update(server: &Server, token: &str, company: &str, body: Value) -> Reply {
    let mut request = server
        .request("POST", "/v1/customers/update")
        .header("content-type", "application/json")
        .body(body.to_string());
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !company.is_empty() {
        request = request.header("X-NU-COMPANY-ID", company);
    }
    send(request).await
}

#[tokio::test]
async fn a_customer_is_updated() {
    let server = serve(System::Nuweb).await;
    let body = json!({
        "id": "1", "name": "John D", "email": "john@example.com", "password": "SecurePassword123", "dob": "1990-01-01",
        "addressLine1": "16 Crookes Avenue", "addressLine2": "Walkley Park", "postcode": "LN4 2SJ", "city": "London",
        "region": "Greater London", "countryId": "225", "phone": "1234567890", "phoneCode": 33,
    });
    let reply = update(&server, NUWEB_TOKEN, "1", body).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/json")
    );
    assert_eq!(reply.header("x-nu-company-id"), "1");
    let mut response = reply.json();
    let updated_at = response["data"]["attributes"]["updatedAt"].take();
    assert_eq!(
        updated_at.as_str().unwrap().len(),
        "2021-11-22T11:59:00.000000Z".len()
    );
    assert_eq!(
        response,
        json!({"data": {
            "type": "customers",
            "id": 1,
            "attributes": {
                "name": "John D", "email": "john@example.com", "phone": "1234567890", "phoneCode": 33,
                "fullPhoneNumber": "+331234567890", "img": null, "locale": null, "dob": "1990-01-01 00:00:00",
                "addressLine1": "16 Crookes Avenue", "addressLine2": "Walkley Park", "postcode": "LN4 2SJ",
                "createdAt": "2021-11-22T11:59:00.000000Z", "updatedAt": null,
            },
            "links": {"self": format!("{}/v1/customer?id=1", server.running.url())},
        }})
    );
    // Fields that are not sent stay.
    let later = update(
        &server,
        NUWEB_TOKEN,
        "1",
        json!({"id": "1", "phoneCode": null}),
    )
    .await
    .json();
    assert_eq!(later["data"]["attributes"]["name"], "John D");
    assert_eq!(later["data"]["attributes"]["fullPhoneNumber"], Value::Null);
}

#[tokio::test]
async fn updates_are_refused() {
    let server = serve(System::Nuweb).await;
    let good = json!({"id": "1", "name": "John"});
    for (token, company, body, status, message) in [
        ("", "1", good.clone(), 401, "Unauthenticated."),
        ("garbage", "1", good.clone(), 401, "Unauthenticated."),
        (
            NUWEB_TOKEN,
            "",
            good.clone(),
            422,
            "The X-NU-COMPANY-ID header is required.",
        ),
        (
            NUWEB_TOKEN,
            "acme",
            good.clone(),
            422,
            "The X-NU-COMPANY-ID header must be an integer.",
        ),
        (
            NUWEB_TOKEN,
            "99",
            good,
            404,
            "The company could not be found.",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"name": "John"}),
            422,
            "The id field is required.",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"id": "999999"}),
            404,
            "No query results for model [Customer] 999999",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"id": "3"}),
            404,
            "No query results for model [Customer] 3",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"id": "1", "phoneCode": "33"}),
            422,
            "The phone code field must be an integer.",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"id": "1", "email": "jane.roe@example.com"}),
            422,
            "The email has already been taken.",
        ),
        (
            NUWEB_TOKEN,
            "1",
            json!({"id": "1", "name": 5, "dob": "x"}),
            422,
            "The name field must be a string. (and 1 more error)",
        ),
    ] {
        let reply = update(&server, token, company, body).await;
        assert_eq!(
            (reply.status, reply.json()["message"].as_str().unwrap()),
            (status, message)
        );
    }
    let errors = update(&server, NUWEB_TOKEN, "1", json!({"id": "1", "name": 5}))
        .await
        .json()["errors"]
        .take();
    assert_eq!(
        errors,
        json!({"name": ["The name field must be a string."]})
    );
    let path = "/v1/customers/update";
    assert_eq!(send(server.request("GET", path)).await.status, 405);
    assert_eq!(send(server.request("POST", "/v1/nope")).await.status, 404);
    let with = |kind: &str| {
        let request = server
            .request("POST", path)
            .bearer_auth(NUWEB_TOKEN)
            .header("X-NU-COMPANY-ID", "1");
        request.header("content-type", kind).body("{")
    };
    assert_eq!(send(with("application/json")).await.status, 400);
    assert_eq!(send(with("text/plain")).await.status, 415);
}
