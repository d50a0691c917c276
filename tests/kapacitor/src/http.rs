//! The HTTP requests to Kapacitor and InfluxDB.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

/// A client of one server.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
}

/// A server's answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Client {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .new_agent();
        Client {
            agent,
            base: format!("http://{address}"),
        }
    }

    pub(crate) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        let request = self
            .agent
            .get(self.url(path))
            .query_pairs(query.iter().copied());
        Answer::read(request.call()?)
    }

    pub(crate) fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, ureq::Error> {
        let request = self
            .agent
            .post(self.url(path))
            .query_pairs(query.iter().copied());
        Answer::read(request.send(body)?)
    }

    pub(crate) fn patch(&self, path: &str, body: &str) -> Result<Answer, ureq::Error> {
        Answer::read(self.agent.patch(self.url(path)).send(body)?)
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Answer, ureq::Error> {
        Answer::read(self.agent.delete(self.url(path)).call()?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl Answer {
    fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string()?;
        Ok(Answer { status, body })
    }

    /// The body of a successful answer.
    ///
    /// # Panics
    /// With the body, if the status is not 2xx.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(
            (200..300).contains(&self.status),
            "HTTP status {}: {}",
            self.status,
            self.body
        );
        self.body
    }

    /// The JSON body of a successful answer.
    ///
    /// # Panics
    /// If the status is not 2xx or the body is not JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let body = self.ok();
        serde_json::from_str(&body)
            .unwrap_or_else(|error| panic!("expected JSON, found ({error}): {body}"))
    }
}
