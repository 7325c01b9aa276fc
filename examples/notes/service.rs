//! A small axum service: notes that can be created, read and deleted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The token that may delete notes.
pub const TOKEN: &str = "a-token-for-this-example";

/// The whole service, with its own storage.
pub fn app() -> Router {
    Router::new()
        .route("/notes", post(create).get(list))
        .route("/notes/{id}", get(read).delete(remove))
        .with_state(Memory::default())
}

type Memory = Arc<Mutex<BTreeMap<u64, Note>>>;

#[derive(Clone, Serialize)]
struct Note {
    id: u64,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
    color: Option<String>,
}

async fn create(State(memory): State<Memory>, Json(new): Json<NewNote>) -> Response {
    if new.text.trim().is_empty() {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "a note needs a text");
    }
    let mut notes = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let id = notes.keys().last().map_or(1, |last| last + 1);
    let note = Note {
        id,
        text: new.text,
        color: new.color,
    };
    notes.insert(id, note.clone());
    (
        StatusCode::CREATED,
        [("location", format!("/notes/{id}"))],
        Json(note),
    )
        .into_response()
}

async fn list(State(memory): State<Memory>) -> Json<Vec<Note>> {
    let notes = memory.lock().unwrap_or_else(PoisonError::into_inner);
    Json(notes.values().cloned().collect())
}

async fn read(State(memory): State<Memory>, Path(id): Path<u64>) -> Response {
    let notes = memory.lock().unwrap_or_else(PoisonError::into_inner);
    match notes.get(&id) {
        Some(note) => Json(note.clone()).into_response(),
        None => problem(StatusCode::NOT_FOUND, "no such note"),
    }
}

async fn remove(State(memory): State<Memory>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    if token != Some(&format!("Bearer {TOKEN}")) {
        return problem(StatusCode::UNAUTHORIZED, "only the owner may do this");
    }
    let mut notes = memory.lock().unwrap_or_else(PoisonError::into_inner);
    match notes.remove(&id) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => problem(StatusCode::NOT_FOUND, "no such note"),
    }
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
