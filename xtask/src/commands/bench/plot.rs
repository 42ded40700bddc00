//! The plots: the ratios beside their targets, and how work grows. They follow the reader's choice
//! of light or dark.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::measured::{Curve, Measured};
use super::targets::{Bar, Target};
use super::verdict::Verdict;

const PAPER: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(36, 41, 47);
const DIM: RGBColor = RGBColor(87, 96, 106);
const GRID: RGBColor = RGBColor(216, 222, 228);
const MET: RGBColor = RGBColor(26, 127, 55);
const MISSED: RGBColor = RGBColor(207, 34, 46);
const TARGET: RGBColor = RGBColor(154, 103, 0);
const CURVE: RGBColor = RGBColor(9, 105, 218);

/// In the dark, light and dark change places, and each colour stays what it is.
const DARK: &str = "<style>@media(prefers-color-scheme:dark){\
    svg{filter:invert(.93) hue-rotate(180deg)}}</style>";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws, and adds the dark.
fn drawn(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER)?;
        draw(&area)?;
        area.present()?;
    }
    Ok(svg.replace("</svg>", &format!("{DARK}</svg>")))
}

fn words(colour: &'static RGBColor, anchor: HPos) -> TextStyle<'static> {
    let style = TextStyle::from(("sans-serif", 13)).color(colour);
    style.pos(Pos::new(anchor, VPos::Center))
}

/// Every judged row as its figure ÷ its target (or target ÷ figure where more is better), so that
/// one line tells: left of it is met.
pub(super) fn ratios(rows: &[(&Target, &Verdict)]) -> Result<String> {
    const ROW: i32 = 21;
    const LEFT: i32 = 420;
    const TOP: i32 = 62;
    let judged: Vec<_> = rows
        .iter()
        .filter_map(|(target, verdict)| Some((*verdict, position(target, verdict)?)))
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    let x = |value: f64| LEFT + (70.0 * (value.clamp(0.125, 8.0).log2() + 3.0)) as i32;
    let bottom = TOP + ROW * i32::try_from(judged.len())?;
    drawn((990, bottom.unsigned_abs() + 20), |area| {
        let text = |words: &str, style: TextStyle<'_>, at| area.draw_text(words, &style, at);
        let title = "Each row as a multiple of its target: left of the line is met";
        text(title, words(&INK, HPos::Left), (16, 24))?;
        for tick in [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0] {
            let colour = if tick == 1.0 { TARGET } else { GRID };
            let ends = vec![(x(tick), TOP - 6), (x(tick), bottom)];
            area.draw(&PathElement::new(ends, colour))?;
            text(
                &format!("{tick}×"),
                words(&DIM, HPos::Center),
                (x(tick), TOP - 16),
            )?;
        }
        for ((verdict, [low, middle, high]), y) in judged.iter().zip((TOP + ROW / 2..).step_by(21))
        {
            let colour = if verdict.verdict == "met" {
                MET
            } else {
                MISSED
            };
            text(verdict.id, words(&INK, HPos::Left), (16, y))?;
            text(verdict.row, words(&DIM, HPos::Left), (132, y))?;
            area.draw(&PathElement::new(vec![(x(*low), y), (x(*high), y)], colour))?;
            area.draw(&Circle::new((x(*middle), y), 4, colour.filled()))?;
            let figure = format!(
                "{:.2} ({})",
                verdict.figure.unwrap_or_default(),
                verdict.target
            );
            text(&figure, words(&DIM, HPos::Left), (x(8.0) + 16, y))?;
        }
        Ok(())
    })
}

/// Low, middle and high as multiples of the target; below one is met.
fn position(target: &Target, verdict: &Verdict) -> Option<[f64; 3]> {
    let values = [verdict.low?, verdict.figure?, verdict.high?];
    Some(match target.bar {
        Bar::AtMost(bar) if bar > 0.0 => values.map(|value| value / bar),
        Bar::AtMost(_) => values.map(|value| 1.0 + value),
        Bar::AtLeast(bar) => values.map(|value| bar / value),
    })
}

/// The growth curves, one panel each, both axes logarithmic.
pub(super) fn growth(measured: &Measured) -> Result<String> {
    let rows = measured.growth.len().div_ceil(2);
    drawn((832, 260 * u32::try_from(rows)?), |area| {
        let panels = area.split_evenly((rows, 2));
        let mut both = measured.growth.iter().zip(&panels);
        both.try_for_each(|(curve, panel)| draw(curve, panel))
    })
}

fn draw(curve: &Curve, panel: &Area<'_>) -> Result<()> {
    let points = || curve.points.iter().map(|point| (point.size, point.ns));
    let least = |a: f64, b: f64| a.min(b);
    let (first, last) = points().fold((f64::MAX, 0.0), |ends, (x, _)| {
        (least(ends.0, x), x.max(ends.1))
    });
    // whole decades, so that panels can be compared
    let decades = points()
        .map(|(_, y)| y.log10())
        .fold((f64::MAX, 0.0_f64), |ends, y| {
            (least(ends.0, y.floor()), ends.1.max(y.ceil()))
        });
    let (exponent, explained) = curve.fit();
    let fit = format!(
        "{}: exponent {exponent:.2}, straight line R² {explained:.3}",
        curve.what
    );
    let mut chart = ChartBuilder::on(panel)
        .margin(12)
        .margin_right(30)
        .caption(fit, words(&INK, HPos::Left))
        .x_label_area_size(34)
        .y_label_area_size(56)
        .build_cartesian_2d(
            (first..last).log_scale(),
            (10f64.powf(decades.0)..10f64.powf(decades.1.max(decades.0 + 1.0))).log_scale(),
        )?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(DIM)
        .label_style(words(&DIM, HPos::Center))
        .x_desc(curve.unit.as_str())
        .x_label_formatter(&|size| format!("{size}"))
        .y_label_formatter(&|ns| time(*ns))
        .y_labels(4)
        .draw()?;
    chart.draw_series(LineSeries::new(points(), CURVE.stroke_width(2)))?;
    chart.draw_series(points().map(|point| Circle::new(point, 3, CURVE.filled())))?;
    Ok(())
}

fn time(ns: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.into_iter().find(|(size, _)| ns >= *size);
    let (size, unit) = unit.unwrap_or((1.0, "ns"));
    format!("{} {unit}", ns / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::measured::Point;

    #[test]
    fn a_plot_names_its_curve_and_follows_the_reader() {
        let points = [1.0, 10.0, 100.0].map(|size| Point {
            size,
            ns: 50.0 + size,
        });
        let curve = Curve {
            what: "a < b".to_owned(),
            unit: "accounts".to_owned(),
            points: points.to_vec(),
        };
        let svg = growth(&Measured {
            growth: vec![curve],
            ..Measured::default()
        });
        let svg = svg.unwrap();
        assert!(
            svg.contains("a &lt; b") && svg.contains("accounts"),
            "{svg}"
        );
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.trim_end().ends_with(&format!("{DARK}</svg>")), "{svg}");
        assert!(
            svg.contains("fill=\"#0969DA\"") && !svg.contains("NaN"),
            "{svg}"
        );
    }
}
