//! The server of the page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::sync::Notify;

use super::answers::{
    ChangesRequest, Looked, ResultAnswer, RowsAnswer, RowsRequest, RunAnswer, RunRequest, Setup,
    ViewRequest,
};
use super::data::Loaded;
use super::guard::guard;
use super::page;
use super::pages::{Pages, Shown};
use crate::program::{
    Bounds, Data, Edge, Program, Run, Settings, SettingsArguments, Udf, problems, suggest,
    take_away, test,
};
use crate::series::{Axis, Picture, Summary, Table, compare, paint, rows};

/// Rows of the output that the page gets at once.
const ROWS: usize = 100;
/// How long a page waits for a change before it asks again.
const PATIENCE: Duration = Duration::from_secs(20);

/// What all requests share.
#[derive(Debug)]
pub(super) struct App {
    program: Mutex<Arc<Program>>,
    version: AtomicU64,
    changed: Notify,
    data: Loaded,
    given: SettingsArguments,
    bounds: Bounds,
    is_watched: bool,
    pages: Pages,
}

impl App {
    pub(super) fn new(
        program: Program,
        data: Loaded,
        given: SettingsArguments,
        bounds: Bounds,
        is_watched: bool,
    ) -> Self {
        App {
            program: Mutex::new(Arc::new(program)),
            version: AtomicU64::new(0),
            changed: Notify::new(),
            data,
            given,
            bounds,
            is_watched,
            pages: Pages::default(),
        }
    }

    fn program(&self) -> Arc<Program> {
        self.program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The program's name, as the user gave it.
    pub(super) fn shown(&self) -> String {
        self.program().shown.clone()
    }

    /// The program was built again.
    pub(super) fn replace(&self, program: Program) {
        *self.program.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(program);
        self.version.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_waiters();
    }
}

/// The page and its requests, below the secret.
pub(super) fn router(app: Arc<App>, token: &str, port: u16) -> Router {
    let page = Router::new()
        .route("/", get(|| async { page_file("") }))
        .route(
            "/{file}",
            get(|Path(file): Path<String>| async move { page_file(&file) }),
        )
        .route("/api/setup", get(setup))
        .route("/api/run", post(run))
        .route("/api/view", post(view))
        .route("/api/rows", get(output_rows))
        .route("/api/test", post(save_test))
        .route("/api/changes", get(changes))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(app);
    Router::new()
        .nest(&format!("/{token}"), page.clone())
        // `nest` has no route for the address itself, with its slash.
        .route(&format!("/{token}/"), get(|| async { page_file("") }))
        .layer(from_fn_with_state(port, guard))
}

fn page_file(name: &str) -> Response {
    page::file(name).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// An answer that is no success, with its reason.
type Refused = (StatusCode, String);

fn refused(error: impl ToString) -> Refused {
    (StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
}

/// Does what takes a while, in a thread.
async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn setup(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    in_thread(move || {
        let program = app.program();
        let data = Summary::of(&app.data.table(app.given.precision));
        let chosen = program
            .udf(app.given.udf.as_deref())
            .or(program.udfs.first().ok_or(String::new()));
        let chosen = chosen.map(|udf| &*udf.name).unwrap_or_default();
        let settings = program
            .udfs
            .iter()
            .map(|udf| begin(&app, udf, chosen, &data))
            .collect();
        Json(Setup {
            program: &program.shown,
            version: app.version.load(Ordering::Relaxed),
            is_watched: app.is_watched,
            udfs: &program.udfs,
            udf: chosen,
            settings,
            files: app
                .data
                .files
                .iter()
                .map(|file| file.display().to_string())
                .collect(),
            data,
        })
        .into_response()
    })
    .await
}

/// The settings that a UDF begins with: those of the command line, if it is the one that they are for.
fn begin(app: &App, udf: &Udf, chosen: &str, data: &Summary) -> Settings {
    let mut settings = app.given.settings(udf);
    if udf.name != chosen {
        settings.options.clear();
    }
    if app.given.group_by.is_none() && !data.tags.is_empty() {
        settings.group_by = "*".to_owned();
    }
    suggest(&mut settings, udf, data);
    settings
}

async fn run(
    State(app): State<Arc<App>>,
    Json(request): Json<RunRequest>,
) -> Result<Response, Refused> {
    let ended = app.pages.begin(&request.page);
    tokio::select! {
        _ = ended => Err((StatusCode::CONFLICT, "a later run has begun".to_owned())),
        answer = run_to_end(app.clone(), request) => answer,
    }
}

async fn run_to_end(app: Arc<App>, request: RunRequest) -> Result<Response, Refused> {
    let program = app.program();
    program.udf(Some(&request.settings.udf)).map_err(refused)?;
    let data = Data::Files(&app.data.files);
    let ran = program.pipe(&request.settings, data, app.bounds).await;
    let ran = ran.map_err(|error| refused(format!("cannot run {}: {error}", program.shown)))?;
    in_thread(move || {
        let udf = program.udf(Some(&request.settings.udf)).map_err(refused)?;
        Ok(Json(answer(&app, &program, udf, request, ran)).into_response())
    })
    .await?
}

fn answer(app: &App, program: &Program, udf: &Udf, request: RunRequest, ran: Run) -> RunAnswer {
    let settings = request.settings;
    let unit = settings.precision;
    let input = app.data.table(unit);
    let output = Table::read(&ran.output, unit.precision());
    let measurement = input
        .series
        .first()
        .map_or("cpu", |series| &series.key.measurement);
    let mut answer = RunAnswer {
        problems: problems(&ran),
        log: ran.log,
        took: ran.took.as_secs_f64() * 1e3,
        points_in: input.points,
        points_out: output.points,
        take_away: take_away(program, udf, &settings, &app.data.files, measurement),
        result: None,
    };
    if !answer.problems.is_empty() {
        return answer;
    }
    // A page that looks on after a new build compares with the same program as before.
    let earlier = app
        .pages
        .shown(&request.page)
        .filter(|shown| shown.settings == settings);
    let before = match request.is_new_build {
        true => earlier,
        false => None,
    };
    let shown = Arc::new(Shown {
        settings,
        output: ran.output,
        table: Arc::new(output),
        before: before.map(|shown| shown.table.clone()),
    });
    answer.result = Some(ResultAnswer {
        difference: compare(&input, &shown.table),
        since: shown
            .before
            .as_ref()
            .map(|before| compare(before, &shown.table)),
        picture: picture(&input, &shown, udf, &request.view),
    });
    app.pages.show(&request.page, shown);
    answer
}

fn picture(input: &Table, shown: &Shown, udf: &Udf, looked: &Looked) -> Picture {
    let period = (udf.wants == Edge::Batch)
        .then(|| shown.settings.period_nanoseconds())
        .flatten();
    let view = looked.view(&shown.settings, period);
    paint(input, &shown.table, shown.before.as_deref(), &view)
}

/// The result that a page shows.
fn shown_on(app: &App, page: &str) -> Result<Arc<Shown>, Refused> {
    app.pages.shown(page).ok_or_else(|| {
        let text = "this page shows no result any more; help: reload it";
        (StatusCode::GONE, text.to_owned())
    })
}

async fn view(
    State(app): State<Arc<App>>,
    Json(request): Json<ViewRequest>,
) -> Result<Response, Refused> {
    in_thread(move || {
        let shown = shown_on(&app, &request.page)?;
        let program = app.program();
        let udf = program.udf(Some(&shown.settings.udf)).map_err(refused)?;
        let input = app.data.table(shown.settings.precision);
        Ok(Json(picture(&input, &shown, udf, &request.view)).into_response())
    })
    .await?
}

async fn output_rows(
    State(app): State<Arc<App>>,
    Query(request): Query<RowsRequest>,
) -> Result<Response, Refused> {
    in_thread(move || {
        let shown = shown_on(&app, &request.page)?;
        let precision = shown.settings.precision.precision();
        Ok(Json(RowsAnswer {
            total: shown.table.points,
            rows: rows(&shown.output, precision, request.from, ROWS),
        })
        .into_response())
    })
    .await?
}

/// A test of what is looked at: the UDF runs on these lines alone, as the test does.
async fn save_test(
    State(app): State<Arc<App>>,
    Json(request): Json<RunRequest>,
) -> Result<Response, Refused> {
    let program = app.program();
    let udf = program.udf(Some(&request.settings.udf)).map_err(refused)?;
    let unit = request.settings.precision;
    let span = request.view.span().map(|(from, to)| {
        let axis = Axis::of(app.data.table(unit).span.unwrap_or_default());
        (axis.time(from), axis.time(to))
    });
    let subset = app.data.subset(unit, span).map_err(refused)?;
    let text = Data::Text(subset.lines.clone().into_bytes());
    let ran = program.pipe(&request.settings, text, app.bounds).await;
    let ran = ran.map_err(|error| refused(format!("cannot run {}: {error}", program.shown)))?;
    if let Some(problem) = problems(&ran).first() {
        return Err(refused(&problem.text));
    }
    let text = test(
        udf,
        &request.settings,
        &subset,
        &String::from_utf8_lossy(&ran.output),
    );
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Answers when the program was built again, or after a while.
async fn changes(State(app): State<Arc<App>>, Query(request): Query<ChangesRequest>) -> Response {
    let changed = app.changed.notified();
    if app.version.load(Ordering::Relaxed) == request.version {
        let _ = tokio::time::timeout(PATIENCE, changed).await;
    }
    Json(app.version.load(Ordering::Relaxed)).into_response()
}
