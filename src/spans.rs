//! The program's `tracing` spans, for reports and the trace.

use crate::{
    export::{SpanInfo, Spans},
    record::on::{clock, spans},
};
use dashmap::DashMap;
use std::{
    fmt::{Debug, Write},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tracing::{
    Dispatch, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Registry,
    layer::{Context, Layered},
    registry::LookupSpan,
};

/// Spans whose names the trace still needs. More lose their names.
const MOST: usize = 100_000;

static NUMBERS: AtomicU64 = AtomicU64::new(1);
static NAMES: LazyLock<DashMap<u64, SpanInfo>> = LazyLock::new(DashMap::new);
/// Closed; the collector forgets them once it has seen their last operation.
static CLOSED: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// A layer that lets reports say which spans a thread was in, and puts spans into the trace.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(gordian::layer()).init();
/// ```
///
/// Cost: a string for each span, and about 40 ns for each time one is entered.
pub fn layer() -> Layer {
    Layer(())
}

/// See [`layer`].
#[derive(Debug)]
pub struct Layer(());

/// What the registry keeps of a span for us.
struct Known {
    number: u64,
    info: SpanInfo,
    text: Arc<str>,
}

#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.0.push((field.name().to_owned(), text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name().to_owned(), value.to_owned()));
    }
}

fn text(info: &SpanInfo) -> Arc<str> {
    let mut text = info.name.clone();
    if !info.fields.is_empty() {
        let fields: Vec<String> = info.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let _ = write!(text, "{{{}}}", fields.join(" "));
    }
    text.into()
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Layer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let info = SpanInfo { name: attributes.metadata().name().to_owned(), fields: fields.0 };
        let known = Known { number: NUMBERS.fetch_add(1, Relaxed), text: text(&info), info };
        publish(&known);
        span.extensions_mut().insert(known);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let Some(known) = extensions.get_mut::<Known>() else { return };
        let mut fields = Fields(std::mem::take(&mut known.info.fields));
        values.record(&mut fields);
        known.info.fields = fields.0;
        known.text = text(&known.info);
        publish(known);
    }

    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        if let Some((number, text)) = known(id, &context) {
            spans::enter(number, &text);
        }
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        if let Some((number, _)) = known(id, &context) {
            spans::exit(number);
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        if let Some((number, _)) = known(&id, &context)
            && NAMES.contains_key(&number)
            && let Ok(mut closed) = CLOSED.lock()
        {
            closed.push(number);
        }
    }
}

/// The registry's own lock is let go before the recorder is told.
fn known<S: Subscriber + for<'a> LookupSpan<'a>>(id: &span::Id, context: &Context<'_, S>) -> Option<(u64, Arc<str>)> {
    let span = context.span(id)?;
    let extensions = span.extensions();
    let known = extensions.get::<Known>()?;
    Some((known.number, known.text.clone()))
}

/// The trace will ask for it by number.
fn publish(known: &Known) {
    if clock::extra_is(clock::extra::TRACE) && NAMES.len() < MOST {
        NAMES.insert(known.number, known.info.clone());
    }
}

/// The name of a span, with its fields.
pub(crate) fn name(number: u64) -> Option<String> {
    NAMES.get(&number).map(|info| text(&info).to_string())
}

/// Spans that have been closed by now; to be handed to [`forget`] after the next look at the tapes.
pub(crate) fn closed() -> Vec<u64> {
    CLOSED.lock().map(|mut closed| std::mem::take(&mut *closed)).unwrap_or_default()
}

pub(crate) fn forget(closed: &[u64]) {
    for number in closed {
        NAMES.remove(number);
    }
}

/// Names for the trace.
pub(crate) struct Named;

impl Spans for Named {
    fn span(&self, number: u64) -> Option<SpanInfo> {
        NAMES.get(&number).map(|info| info.clone())
    }
}

/// Whether a subscriber may do nothing but feed this layer, and show reports to nobody. One that has this layer right on
/// its registry answers the same, whatever stands above: it cannot be looked into.
pub(crate) fn only_feeds_the_trace(dispatch: &Dispatch) -> bool {
    dispatch.is::<Layered<Layer, Registry>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn a_subscriber_with_our_layer_on_top_is_not_deaf() {
        let registry = tracing_subscriber::registry;
        let deaf = |dispatch: Dispatch| only_feeds_the_trace(&dispatch);
        assert!(deaf(Dispatch::new(registry().with(layer()))));
        assert!(!deaf(Dispatch::new(registry().with(tracing_subscriber::fmt::layer()).with(layer()))));
    }
}
