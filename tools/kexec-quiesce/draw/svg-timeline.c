// SPDX-License-Identifier: GPL-2.0-only
/* The steps of a record on a line of time, as part of a picture. */
#include <math.h>

#include "draw/svg-parts.h"
#include "explain/names.h"

#define LABELS		90	/* width of the names on the left */
#define TIMES		110	/* width of the numbers on the right */
#define BARS		(SVG_WIDTH - LABELS - TIMES)
#define LINE		22
#define BAR		14

static unsigned int count_begun(const struct record *rec)
{
	unsigned int step, nr = 0;

	for (step = 0; step < PCIQ_NR_STEPS; step++)
		nr += !isnan(record_step_at(rec, step));
	return nr;
}

static double end_of(const struct record *rec)
{
	double at, took, end = 0;
	unsigned int step;

	for (step = 0; step < PCIQ_NR_STEPS; step++) {
		at = record_step_at(rec, step);
		took = record_step_took(rec, step);
		if (!isnan(at) && at + (isnan(took) ? 0 : took) > end)
			end = at + (isnan(took) ? 0 : took);
	}
	return end;
}

/* "12.3 us", "456 ms", "1.23 s" */
static void put_time(FILE *out, double us)
{
	if (us < 1e3)
		fprintf(out, "%.3g us", us);
	else if (us < 1e6)
		fprintf(out, "%.3g ms", us / 1e3);
	else
		fprintf(out, "%.3g s", us / 1e6);
}

/* 1, 2 or 5 times a power of ten, such that there are 4 to 10 of them. */
static double tick_of(double end)
{
	double tick = pow(10, floor(log10(end)));

	if (end / tick >= 5)
		return tick;
	return end / tick >= 2 ? tick / 2 : tick / 5;
}

static void draw_axis(FILE *out, double end, int y, int height)
{
	double tick = tick_of(end);
	unsigned int i;
	int x;

	for (i = 0; i * tick <= end; i++) {
		x = LABELS + (int)(i * tick / end * BARS);
		fprintf(out, "<path class=\"grid\" d=\"M%d %dv%d\"/>", x, y,
			height);
		fprintf(out, "<text class=\"small\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
			x, y + height + 14);
		if (i)
			put_time(out, i * tick);
		else
			fputc('0', out);
		fputs("</text>\n", out);
	}
}

static void draw_bar(FILE *out, double at, double took, double end, int y)
{
	double x = LABELS + at / end * BARS;
	double width = isnan(took) ? LABELS + BARS - x : took / end * BARS;

	if (width < 1.5)
		width = 1.5;
	fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
		isnan(took) ? "open" : "bar", x, y, width, BAR);
}

/* Step "done" is the end: nothing is to follow it. */
static bool never_ended(const struct record *rec, unsigned int step)
{
	return step != PCIQ_STEP_DONE &&
	       isnan(record_step_took(rec, step));
}

static void draw_step(FILE *out, const struct record *rec, unsigned int step,
		      double end, int y)
{
	double at = record_step_at(rec, step);
	double took = record_step_took(rec, step);

	fprintf(out, "<text x=\"0\" y=\"%d\">%s</text>", y + 12,
		step_names.name[step]);
	fprintf(out, "<text class=\"small\" x=\"%d\" y=\"%d\" text-anchor=\"end\">",
		SVG_WIDTH, y + 12);
	if (never_ended(rec, step)) {
		fputs("did not end", out);
	} else if (step == PCIQ_STEP_DONE) {
		fputs("at ", out);
		put_time(out, at);
	} else {
		put_time(out, took);
	}
	fputs("</text>\n", out);
	if (took > 0 || isnan(took))
		draw_bar(out, at,
			 step == PCIQ_STEP_DONE ? 0 : took, end, y);
}

/**
 * svg_timeline() - draw when each step began that did, and how long it took
 * @out: where to
 * @rec: record
 * @y: upper edge
 *
 * Return: lower edge.
 */
int svg_timeline(FILE *out, const struct record *rec, int y)
{
	unsigned int step, nr = count_begun(rec);
	double end = end_of(rec);
	int line = y + 30;

	fprintf(out, "<text class=\"head\" x=\"0\" y=\"%d\">Steps</text>\n",
		y + 14);
	y += 26;
	if (end <= 0) {
		fprintf(out, "<text x=\"0\" y=\"%d\">No step has a time.</text>\n",
			y + 12);
		return y + LINE;
	}
	draw_axis(out, end, y, LINE * (int)nr);
	for (step = 0; step < PCIQ_NR_STEPS; step++) {
		if (isnan(record_step_at(rec, step)))
			continue;
		draw_step(out, rec, step, end, line);
		line += LINE;
	}
	return y + LINE * (int)nr + 34;
}
