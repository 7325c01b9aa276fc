//! Tests of whole instances over HTTP. Expected values are those of a real Magento 2.4.7 and of NuWeb's document.
//! One file per system and one for the faults; this file has the shared helpers.

mod admin_save;
mod faults;
mod magento;
mod magento_accounts;
mod magento_area;
mod magento_groups;
mod magento_locks;
mod magento_versions;
mod nuweb;

use serde_json::Value;
use tokio::net::TcpListener;

use super::{ADMIN_PASSWORD, ADMIN_USER, InstanceOptions, Running, System, start};

/// An instance and its client.
struct Server {
    running: Running,
    client: reqwest::Client,
}

/// A response.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn serve(system: System) -> Server {
    serve_with(system, InstanceOptions::default()).await
}

async fn serve_with(system: System, options: InstanceOptions) -> Server {
    // Fails if a provider is already installed, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = start(system, listener, options).await.unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    Server { running, client }
}

impl Server {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.running.url());
        self.client.request(method.parse().unwrap(), url)
    }

    /// Calls an operation below `/rest/default`, with a JSON body unless it is null, and a token unless it is empty.
    async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        let mut request = self.request(method, &format!("/rest/default{path}"));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        send(request).await
    }

    async fn token(&self, kind: &str, user: &str, password: &str) -> String {
        let path = format!("/V1/integration/{kind}/token");
        let body = serde_json::json!({ "username": user, "password": password });
        let reply = self.call("POST", &path, "", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json().as_str().unwrap().to_owned()
    }

    async fn admin(&self) -> String {
        self.token("admin", ADMIN_USER, ADMIN_PASSWORD).await
    }
}

async fn send(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}
