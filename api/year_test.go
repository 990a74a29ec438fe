package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/store"
)

// TestAYearOfRandomActs lets two institutions work for a year of the clock:
// everybody does at random what the API offers them, and at times what it does
// not. After every step the invariants of year_invariant_test.go,
// year_told_test.go and year_sight_test.go hold. The acts and their inputs come
// from the tables and tags of every kind that is registered, so that a new
// action, or a new kind, is in it by itself.
//
// The same seed does the same again:
//
//	YANLU_TEST_YEAR_SEEDS=7 go test ./api -run TestAYearOfRandomActs    # one year
//	YANLU_TEST_YEAR_SEEDS=1-50 YANLU_TEST_YEAR_STEPS=1500 go test …     # a long night
func TestAYearOfRandomActs(t *testing.T) {
	t.Parallel()
	from, to, steps := yearFlags(t)
	done := map[string]int{}
	t.Run("seeds", func(t *testing.T) {
		for seed := from; seed <= to; seed++ {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				y := newYear(t, seed, steps)
				for y.n < steps {
					y.step()
				}
				y.end()
				for name, n := range y.done {
					done[name] += n
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	var lines []string
	for _, name := range everyAct(t) {
		lines = append(lines, fmt.Sprintf("%s %d", name, done[name]))
		if done[name] == 0 && steps*(to-from+1) >= yearLong {
			t.Errorf("nobody did %s in %d steps: it is offered to nobody, or never succeeds", name, steps*(to-from+1))
		}
	}
	t.Log("done: ", strings.Join(lines, ", "))
}

// The years of a normal run: on PostgreSQL, where a step takes three times as
// long, in half the steps.
const (
	yearFrom, yearTo = 1, 2
	yearSteps        = 500
	// yearLong is from how many steps on every act must have been done.
	yearLong = 10_000
)

// yearFlags reads which seeds to run, and in how many steps to spend the year.
func yearFlags(t *testing.T) (from, to, steps int) {
	t.Helper()
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("YANLU_TEST_YEAR_SEEDS wants a number or a range such as 1-50, YANLU_TEST_YEAR_STEPS a number: %q", s)
		}
		return n
	}
	from, to, steps = yearFrom, yearTo, yearSteps
	if os.Getenv("YANLU_TEST_POSTGRES") != "" {
		steps /= 2
	}
	if s := os.Getenv("YANLU_TEST_YEAR_SEEDS"); s != "" {
		first, last, isRange := strings.Cut(s, "-")
		from = number(first)
		if to = from; isRange {
			to = number(last)
		}
	}
	if s := os.Getenv("YANLU_TEST_YEAR_STEPS"); s != "" {
		steps = number(s)
	}
	return from, to, steps
}

// year is one year of acts.
type year struct {
	*apptest.World
	seed, steps int
	n           int // of the step
	r           *rand.Rand
	cast        []*someone
	now         scene
	done        map[string]int // acts that were done, by name
	trace       []string
	names       map[string]string // of identifiers, for the trace
	kept        kept
	jobs        bool // the acts of this moment are the system's
}

// yearLength is how far the clock goes.
const yearLength = 365 * 24 * time.Hour

// step lets somebody do something, lets some time go by, and the jobs run.
func (y *year) step() {
	y.T.Helper()
	y.n++
	acts := []struct {
		weight int
		do     func()
	}{
		{9, y.open}, {64, y.offered}, {10, y.notOffered}, {4, y.bulk}, {2, y.signAll}, {2, y.number}, {2, y.holidays}, {3, y.roster},
		{3, y.readInbox}, {1, y.undelivered}, {1, y.reassign}, {2, y.grant}, {1, y.publish},
	}
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	n := y.r.IntN(total)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			a.do()
			break
		}
	}
	y.observe()
	if y.r.IntN(2) == 0 || y.n == y.steps {
		y.wait()
	}
	if y.n%25 == 0 {
		y.inspect()
	}
}

// wait turns the clock, so that the steps that are left fill the year, and lets
// the jobs run. Mostly it is hours; at times days.
func (y *year) wait() {
	y.T.Helper()
	left := apptest.Start.Add(yearLength).Sub(y.Clock.Now())
	mean := 2 * float64(left) / float64(y.steps-y.n+1)
	d := time.Duration(min(y.r.ExpFloat64()*mean, 6*mean))
	if d = min(d, left); y.n == y.steps {
		d = left
	}
	d = max(d, 0)
	y.Clock.Advance(d)
	y.round()
}

func (y *year) round() {
	y.T.Helper()
	y.say("the jobs run")
	if err := y.Round(y.T.Context()); err != nil {
		y.fail("the jobs: " + err.Error())
	}
	y.jobs = true
	y.observe()
	y.jobs = false
}

// end lets what is under way come to rest and holds what must hold then.
func (y *year) end() {
	y.T.Helper()
	for range 3 {
		y.Clock.Advance(5 * time.Minute)
		y.round()
	}
	y.inspect()
	y.everybodySees()
	y.audited()
	y.T.Logf("seed %d: %d steps from %s to %s, %d matters, %d lines of timelines, %d messages, %d pushes", y.seed, y.n, apptest.Start.Format(time.DateOnly),
		y.Clock.Now().Format(time.DateOnly), len(y.now.matters), len(y.kept.events), len(y.kept.messages), len(y.Sim.Sent()))
}

// say adds a line to the trace.
func (y *year) say(format string, args ...any) {
	at := y.Clock.Now().In(calendar.Beijing())
	y.trace = append(y.trace, fmt.Sprintf("%4d %s  ", y.n, at.Format("2006-01-02 15:04"))+fmt.Sprintf(format, args...))
}

// shown is how much of the trace is printed when something is wrong.
const shown = 40

// mentioned finds the matters in a text, as the trace calls them.
var mentioned = regexp.MustCompile(`#\d+`)

// fail prints what is wrong, the acts that led to it, and how to see it again.
func (y *year) fail(wrong ...string) {
	y.T.Helper()
	var pairs []string
	for id, name := range y.names {
		pairs = append(pairs, id, name)
	}
	names := strings.NewReplacer(pairs...)
	text := names.Replace(strings.Join(wrong, "\n"))
	last, named := max(0, len(y.trace)-shown), mentioned.FindAllString(text, -1)
	var of []string // the acts on what is named in it, before the last ones
	for _, line := range y.trace[:last] {
		line = names.Replace(line)
		if slices.ContainsFunc(mentioned.FindAllString(line, -1), func(word string) bool { return slices.Contains(named, word) }) {
			of = append(of, line)
		}
	}
	y.T.Fatalf("seed %d, step %d:\n%s\n\nbefore, of what is named above:\n%s\n\nthe last acts:\n%s\n\nagain: YANLU_TEST_YEAR_SEEDS=%d YANLU_TEST_YEAR_STEPS=%d go test ./api -run TestAYearOfRandomActs",
		y.seed, y.n, text, strings.Join(of, "\n"), names.Replace(strings.Join(y.trace[last:], "\n")), y.seed, y.steps)
}

// call sends something as somebody, on a session that is not too old.
func (y *year) call(p *someone, method, path string, body any, key string) apptest.Answer {
	y.T.Helper()
	a := y.Send(apptest.Call{Method: method, Path: path, Body: body, Token: y.session(p), Key: key})
	if method != http.MethodGet {
		text := ""
		if raw, err := json.Marshal(body); err == nil && body != nil {
			text = " " + string(raw)
		}
		y.say("%s: %s%s → %d %s", p.name, path, text, a.Status, a.Code())
	}
	switch {
	case a.Status >= http.StatusInternalServerError:
		y.fail(fmt.Sprintf("%s %s answers %d", method, path, a.Status))
	case y.T.Failed():
		y.fail(fmt.Sprintf("%s %s answers against the document", method, path))
	}
	return a
}

// get reads something that must be there.
func (y *year) get(p *someone, path string, v any) {
	y.T.Helper()
	a := y.call(p, http.MethodGet, path, nil, "")
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, v) != nil {
		y.fail(fmt.Sprintf("%s gets %s: %d %s", p.name, path, a.Status, a.Body))
	}
}

// newYear builds the world: everybody of it but one has a telephone.
func newYear(t *testing.T, seed, steps int) *year {
	t.Helper()
	y := &year{
		World: apptest.New(t), seed: seed, steps: steps, r: rand.New(rand.NewPCG(uint64(seed), 2026)), done: map[string]int{}, names: map[string]string{},
	}
	y.kept.number = map[string]string{}
	y.gather()
	for i, u := range append(slices.Clone(y.Units), y.OtherUnit) {
		y.names[u.ID] = fmt.Sprintf("unit%d", i+1)
	}
	y.names[y.County.ID], y.names[y.Other.ID] = "the county", "the prefecture"
	y.Write(func(tx *store.Tx) error { // so that the two sides may mark each other
		tx.Exec("INSERT INTO settings (institution_id, name, value_json, updated_at) VALUES (?, ?, 'true', ?)", y.County.ID, handling.MutualMarks().Name, y.Clock.Now())
		return nil
	})
	y.now = y.look()
	return y
}

// one returns one of several, at random.
func one[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// some returns up to n of several, at random.
func some[T any](r *rand.Rand, of []T, n int) []T {
	n = min(n, len(of))
	if n == 0 {
		return nil
	}
	var got []T
	for _, i := range r.Perm(len(of))[:r.IntN(n+1)] {
		got = append(got, of[i])
	}
	return got
}

// read runs a query of the test's own.
func (y *year) read(into any, query string, args ...any) {
	y.T.Helper()
	if err := y.DB.Gorm(y.T.Context()).Raw(query, args...).Scan(into).Error; err != nil {
		y.T.Fatal(err)
	}
}

// noID is below every identifier.
const noID = "00000000-0000-0000-0000-000000000000"
