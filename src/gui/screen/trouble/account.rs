//! One account: a summary with what to act on, and details on request.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Message, Trouble};
use crate::engine::{AccountHealth, CERTIFICATE_WARNING, Connection, FolderHealth};
use crate::gui::font::Icon;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::widget::elided;
use crate::gui::{Element, screen::Context, ui};

/// Widths of the columns of counts and times, in pixels before text size.
const COUNTS: f32 = 130.0;
const TIME: f32 = 170.0;

pub(super) fn account_part<'a>(
    trouble: &'a Trouble,
    account: &'a AccountHealth,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let is_unfolded = trouble.unfolded.contains(&account.id);
    let mut content = column![
        head(account, is_unfolded, context),
        ui::caption(look, success(account, context)),
        ui::caption(look, summary(account, context)),
    ]
    .spacing(gap::XS)
    .extend(banners(trouble, account, context));
    if is_unfolded {
        content = content.push(details(trouble, account, context));
    }
    content.into()
}

fn head<'a>(account: &'a AccountHealth, is_unfolded: bool, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (tone, state) = match &account.connection {
        Connection::Idle => (Tone::Neutral, "trouble-connection-idle"),
        Connection::Working => (Tone::Accent, "trouble-connection-working"),
        Connection::UpToDate => (Tone::Good, "trouble-connection-up-to-date"),
        Connection::Waiting(_) => (Tone::Warning, "trouble-connection-waiting"),
    };
    let label = if is_unfolded { "trouble-fold" } else { "trouble-unfold" };
    row![
        ui::status_dot(look, tone),
        elided(look.body(), account.address.as_str()).width(Length::Fill),
        ui::text(look.caption(), context.text(state)),
        ui::quiet(look, context.text(label))
            .id(format!("unfold-{}", account.id))
            .on_press(Message::Unfold(account.id)),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}

fn success(account: &AccountHealth, context: Context<'_>) -> String {
    let moment = |at| context.wording.moment(at, context.now);
    let mut words = vec![match account.last_success {
        Some(at) => context.with("trouble-last-success", &[("moment", &moment(at))]),
        None => context.text("trouble-never"),
    }];
    if let Some(since) = account.connected_since {
        words.push(context.with("trouble-connected", &[("moment", &moment(since))]));
    }
    words.join(" · ")
}

fn summary(account: &AccountHealth, context: Context<'_>) -> String {
    let (complete, all) =
        (context.wording.count(account.downloaded), context.wording.count(account.messages));
    let counts = context.with("trouble-counts", &[("downloaded", &complete), ("messages", &all)]);
    let pending = context.with("trouble-pending", &[("count", &account.pending_changes.to_string())]);
    format!("{counts} · {pending}")
}

/// What is not as it should be, each with what can be done about it.
fn banners<'a>(
    trouble: &Trouble,
    account: &AccountHealth,
    context: Context<'a>,
) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let is_trying = trouble.trying.contains(&account.id);
    let again = |key: &str| {
        let label = context.text(if is_trying { "trouble-trying" } else { key });
        let press = (!is_trying).then_some(Message::TryNow(account.id));
        vec![ui::secondary(look, label).icon(Icon::Sync).on_press_maybe(press).into()]
    };
    let mut banners = Vec::new();
    if let Connection::Waiting(error) = &account.connection {
        let sentence = context.wording.error(error);
        let try_now = again("trouble-try-now");
        banners.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, try_now));
    }
    if let Some(end) = account.certificate_end.filter(|end| end - context.now < CERTIFICATE_WARNING) {
        let values = [("address", account.address.as_str()), ("day", &context.wording.day(end))];
        let sentence = context.wording.code("certificate-soon", &values);
        banners.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    if let Some(quota) = &account.quota
        && let Some(sentence) = context.wording.quota_warning(quota)
    {
        let tone = if quota.percent() >= 90 { Tone::Alarm } else { Tone::Warning };
        banners.push(ui::banner(look, tone, sentence.what, sentence.advice, vec![]));
    }
    let disagreeing = account.disagreeing();
    if disagreeing > 0 {
        let what = context.with("trouble-differs", &[("count", &disagreeing.to_string())]);
        let detail = context.text("trouble-differs-detail");
        banners.push(ui::banner(look, Tone::Warning, what, detail, again("trouble-compare-now")));
    }
    if account.missing.total() > 0 {
        let download = ui::secondary(look, context.text("trouble-download-all"))
            .icon(Icon::Download)
            .on_press(Message::DownloadAll(account.id));
        let action = if account.missing.large > 0 { vec![download.into()] } else { vec![] };
        let what = context.text("trouble-incomplete");
        let detail = context.wording.missing(&account.missing);
        banners.push(ui::banner(look, Tone::Neutral, what, detail, action));
    }
    banners
}

fn details<'a>(trouble: &Trouble, account: &'a AccountHealth, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut lines = vec![context.with("trouble-connections", &[("count", &account.connections.to_string())])];
    lines.push(match &account.quota {
        Some(quota) => {
            let moment = context.wording.moment(quota.at, context.now);
            context.with("trouble-quota", &[("quota", &context.wording.quota(quota)), ("moment", &moment)])
        }
        None => context.text("trouble-no-quota"),
    });
    for (kind, count) in &account.pending {
        let key = format!("trouble-change-{kind}");
        lines.push(context.with(&key, &[("count", &count.to_string())]));
    }
    let (searched, all) =
        (context.wording.count(account.downloaded), context.wording.count(account.messages));
    lines.push(context.with("trouble-searched", &[("searched", &searched), ("messages", &all)]));
    if let Some(count) = trouble.attachments.get(&account.id).filter(|count| **count > 0) {
        lines.push(context.with("trouble-attachments", &[("count", &count.to_string())]));
    }
    let lines = lines.into_iter().map(|line| ui::caption(look, line).into());
    let mut table = column![folder_head(context), ui::divider(look)].spacing(2.0);
    for folder in &account.folders {
        table = table.push(folder_line(folder, context));
    }
    let content = column(lines).spacing(2.0).push(container(table).padding([gap::S, 0.0]));
    container(content).padding([gap::XS, gap::L]).into()
}

fn folder_head<'a>(context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let title = |key: &str| ui::text(look.caption_strong(), context.text(key));
    row![
        title("trouble-folder").width(Length::Fill),
        title("trouble-here").width(look.px(COUNTS)),
        title("trouble-server").width(look.px(COUNTS)),
        title("trouble-compared").width(look.px(TIME)),
    ]
    .spacing(gap::S)
    .into()
}

fn folder_line<'a>(health: &'a FolderHealth, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let folder = &health.folder;
    let counts = |total: u32, unread: Option<u32>| {
        let total = context.wording.count(total.into());
        match unread.filter(|unread| *unread > 0) {
            Some(unread) => {
                let unread = context.wording.count(unread.into());
                context.with("trouble-count-unread", &[("total", &total), ("unread", &unread)])
            }
            None => total,
        }
    };
    let (server, compared, agrees) = match &health.tally {
        Some(tally) => (
            counts(tally.server_total, tally.server_unread),
            context.wording.moment(tally.at, context.now),
            tally.agrees(),
        ),
        None => (context.text("trouble-not-compared"), String::new(), true),
    };
    let mut theirs = row![].spacing(gap::XS).align_y(Alignment::Center).width(look.px(COUNTS));
    let face =
        if agrees { look.caption() } else { look.caption().coloured(look.palette.warning.text).bold() };
    if !agrees {
        theirs = theirs.push(ui::icon(look, Icon::Warning, 13.0, look.palette.warning.text));
    }
    theirs = theirs.push(ui::text(face, server));
    row![
        elided(look.caption(), context.wording.folder(folder)).width(Length::Fill),
        ui::text(look.caption(), counts(folder.total, Some(folder.unread))).width(look.px(COUNTS)),
        theirs,
        ui::text(look.caption(), compared).width(look.px(TIME)),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}
