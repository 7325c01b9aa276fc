//! The system in which administrators save customers.

use serde_json::{Value, json};

use super::super::{CUSTOMER_EMAIL, CUSTOMER_PASSWORD, CUSTOMER_PASSWORD_HASH, System};
use super::serve;

#[tokio::test]
async fn only_administrators_create_and_they_update_too() {
    let server = serve(System::MagentoAdminSave).await;
    let body = json!({"customer": {"email": "new@example.com", "firstname": "Ada", "lastname": "Lovelace"}});
    let customer = server
        .token("customer", CUSTOMER_EMAIL, CUSTOMER_PASSWORD)
        .await;
    for token in ["", "garbage", customer.as_str()] {
        let reply = server
            .call("POST", "/V1/customers", token, body.clone())
            .await;
        assert_eq!(reply.status, 401);
        assert_eq!(
            reply.json()["parameters"],
            json!({"resources": "Magento_Customer::manage"})
        );
    }
    let admin = server.admin().await;
    let created = server.call("POST", "/V1/customers", &admin, body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let id = created.json()["id"].clone();
    let body = json!({"customer": {"id": id, "lastname": "Hopper"}, "passwordHash": CUSTOMER_PASSWORD_HASH});
    let updated = server
        .call("POST", "/V1/customers", &admin, body)
        .await
        .json();
    assert_eq!(
        (&updated["id"], &updated["firstname"], &updated["lastname"]),
        (&id, &json!("Ada"), &json!("Hopper"))
    );
    let token = server
        .token("customer", "new@example.com", CUSTOMER_PASSWORD)
        .await;
    let session = server
        .call("GET", "/V1/customers/me/session", &token, Value::Null)
        .await;
    assert_eq!(session.json(), updated);
    let unknown = json!({"customer": {"id": 999_999, "lastname": "Hopper"}});
    assert_eq!(
        server
            .call("POST", "/V1/customers", &admin, unknown)
            .await
            .status,
        404
    );
}
