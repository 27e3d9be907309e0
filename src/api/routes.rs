//! A router that remembers what it was given, so that a test can hold the description against it.

use axum::Router;
use axum::handler::Handler;
use axum::routing;

use crate::app::App;

/// Paths in the notation that axum and OpenAPI share: `/proposals/{key}`.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    listed: Vec<(&'static str, &'static str)>,
}

macro_rules! methods {
    ($($method:ident),*) => {$(
        pub fn $method<H, T>(mut self, path: &'static str, handler: H) -> Self
        where
            H: Handler<T, App>,
            T: 'static,
        {
            self.listed.push((stringify!($method), path));
            self.router = self.router.route(path, routing::$method(handler));
            self
        }
    )*};
}

impl Routes {
    methods!(get, post, put, delete);

    /// The router, and every (method, path) in it.
    pub fn finish(self) -> (Router<App>, Vec<(&'static str, &'static str)>) {
        (self.router, self.listed)
    }
}
