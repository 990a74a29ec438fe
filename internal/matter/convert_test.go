package matter_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// hand is the input with which the kinds of these tests hand in.
type hand struct{ workflow.New }

// kinds registers two kinds: notes may become letters, letters nothing. They have
// no rows of their own.
func kinds(w *apptest.World) {
	clock := workflow.Clock{Kind: "look", Label: "看", Span: calendar.WorkingDays(2)}
	office := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	table := func(name, label string, more ...workflow.Rule) workflow.Table {
		states := []workflow.State{{Name: "SUBMITTED", Label: "待看", Holder: member.InfoStaff, Clock: clock}}
		if len(more) > 0 {
			states = append(states, workflow.State{Name: matter.Converted, Label: "已转"})
		}
		return workflow.Table{Name: name, Label: label, States: states, Rules: append([]workflow.Rule{
			{Action: "submit", Label: "提交", To: []workflow.Status{"SUBMITTED"}, Who: []workflow.Party{member.Member}, Input: hand{}, Audience: workflow.Everyone},
		}, more...)}
	}
	content := func(_ context.Context, _ store.Conn, x matter.Matter) (matter.Content, error) {
		return matter.Content{Title: x.Title, Category: x.Category}, nil
	}
	w.Matters.Register(matter.Head{
		Kind: "note", Flow: table("note", "便条", matter.ConvertRules([]workflow.Status{"SUBMITTED"}, office)...),
		Effects: map[string]matter.Effect{"convert": w.Matters.Convert(content)},
	})
	w.Matters.Register(matter.Head{Kind: "letter", Flow: table("letter", "信件"), Intake: func(ctx context.Context, m *matter.Move, c matter.Content) (matter.Matter, error) {
		taken, err := w.Matters.TakeIn(ctx, m, "letter", "submit", c)
		if err != nil {
			return matter.Matter{}, err
		}
		return taken.Matter, w.Matters.Deliver(ctx, taken)
	}})
}

func actor(w *apptest.World, name string) member.Actor {
	w.T.Helper()
	c, err := w.Accounts.Caller(w.T.Context(), w.Token(name))
	if err != nil {
		w.T.Fatal(err)
	}
	return *c.Actor
}

// TestWhatIsConvertedGoesOn: a matter of one kind becomes one of another that
// takes it in; its authors go along and are told once, where it came from stays
// to be read, and somebody has it.
func TestWhatIsConvertedGoesOn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	kinds(w)
	if got := w.Matters.Convertible("note"); !slices.ContainsFunc(got, func(h matter.Head) bool { return h.Kind == "letter" }) || slices.ContainsFunc(got, func(h matter.Head) bool { return h.Kind == "note" }) {
		t.Fatalf("a note may become %v", got)
	}
	author, staff := actor(w, apptest.Author), actor(w, apptest.Staff)
	var m *matter.Move
	w.Write(func(tx *store.Tx) (err error) {
		m, err = w.Matters.Open(t.Context(), tx, author, matter.Opening{Kind: "note", Action: "submit", Title: "修复人民路路灯", Category: "CITY"})
		return err
	})
	convert := func(to matter.Kind) error {
		return w.DB.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := w.Matters.Act(t.Context(), tx, staff, "note", m.Matter.ID, "convert", matter.ConvertInput{
				Reasoned: workflow.Reasoned{Seen: workflow.Seen{Version: 1}, Reason: "更适合作为信件。"}, Kind: to,
			})
			return err
		})
	}
	for _, to := range []matter.Kind{"note", "nothing"} { // which take nothing in
		if err := convert(to); !errors.Is(err, matter.ErrConvert) {
			t.Errorf("into %s: %v", to, err)
		}
	}
	if err := convert("letter"); err != nil {
		t.Fatal(err)
	}
	var rows []matter.Matter
	if err := w.DB.Gorm(t.Context()).Where("kind IN ?", []string{"note", "letter"}).Order("id").Find(&rows).Error; err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	note, letter := rows[0], rows[1]
	if note.Status != matter.Converted || note.ClosedAt == nil || letter.OriginID == nil || *letter.OriginID != note.ID || letter.Title != note.Title || !letter.SubmittedAt.Equal(note.SubmittedAt) {
		t.Errorf("%+v became %+v", note, letter)
	}
	if _, authors, err := w.Matters.Find(t.Context(), w.DB, author, "letter", letter.ID); err != nil || len(authors) != 1 || !authors[0].Is(author.PersonID) || authors[0].Role != matter.First {
		t.Errorf("its authors: %+v, %v", authors, err)
	}
	var holders, told []string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT matter_id FROM waiting WHERE matter_id IN ?", []string{note.ID, letter.ID}).Scan(&holders).Error; err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Gorm(t.Context()).Raw("SELECT title FROM inbox WHERE person_id = ?", author.PersonID).Scan(&told).Error; err != nil {
		t.Fatal(err)
	}
	if len(holders) != 1 || holders[0] != letter.ID || len(told) != 1 || told[0] != "您的便条已转为信件" {
		t.Errorf("waited for: %v; the author was told %v", holders, told)
	}
}
