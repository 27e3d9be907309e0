//! The JSON door.

pub fn router() -> axum::Router<crate::app::App> {
    axum::Router::new()
}
