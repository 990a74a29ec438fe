package suggestion

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Service takes suggestions in and decides them.
type Service struct {
	matters  *matter.Service
	dispatch matter.Effect // of the tail
	files    *attachment.Service
	checks   *safety.Service
	now      func() time.Time
}

// New returns the service and registers the kind.
func New(matters *matter.Service, files *attachment.Service, tail *handling.Service, checks *safety.Service, now func() time.Time) *Service {
	effects := matters.SharedEffects()
	maps.Copy(effects, tail.Effects(Kind, handling.Usual()))
	s := &Service{matters: matters, files: files, dispatch: effects["dispatch"], checks: checks, now: now}
	maps.Copy(effects, map[string]matter.Effect{
		"save": s.save, "log_led": logLed, "send": s.send, "withdraw": matter.Withdraw("不再办理"), "return": matters.GiveBack(editClock, "修改", "，逾期会自动撤回。"), "accept": accept, "reject": reject,
		"dispatch": s.dispatchNumbered, "escalate": escalate, "conclude": conclude, "convert": matters.Convert(content),
	})
	matters.Register(matter.Head{Kind: Kind, Flow: Flow(), Effects: effects, MergeInto: mergeInto(), UnmergeFrom: unmergeFrom(), Intake: s.intake})
	checks.Register(safety.Source{Kind: string(Kind), Label: Flow().Label, Default: true, Texts: texts})
	return s
}

// Submit hands a suggestion in: for the actor, for the member whom a liaison
// names, or for whom staff record it from paper. ErrTitle, ErrBody and ErrPlace
// tell of what the form could not, and see matter.Service.Open.
func (s *Service) Submit(ctx context.Context, tx *store.Tx, a member.Actor, in SubmitInput) (matter.Matter, []matter.Author, error) {
	if err := in.Content.check(); err != nil {
		return matter.Matter{}, nil, err
	}
	m, err := s.matters.Open(ctx, tx, a, matter.Opening{
		Kind: Kind, Action: "submit", Title: in.Title, Category: in.Category, AuthorID: in.OnBehalfOf, CoAuthors: in.CoAuthors, Paper: in.Paper,
	})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	tx.Insert(row(m.Matter, Unfinished(in.Content)))
	m.AskCoAuthors()
	m.TellBehalf()
	s.check(m)
	if err := s.pictures(ctx, tx, a, m.Matter, in.Pictures); err != nil {
		return matter.Matter{}, nil, err
	}
	return m.Matter, m.Authors, s.matters.Deliver(ctx, m)
}

// Draft keeps a suggestion that is not finished; nobody but its author sees it.
func (s *Service) Draft(ctx context.Context, tx *store.Tx, a member.Actor, in DraftInput) (matter.Matter, []matter.Author, error) {
	m, err := s.matters.Open(ctx, tx, a, matter.Opening{
		Kind: Kind, Action: "draft", Title: in.Title, Category: in.Category, AuthorID: in.OnBehalfOf, CoAuthors: in.CoAuthors,
	})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	tx.Insert(row(m.Matter, in.Unfinished))
	return m.Matter, m.Authors, s.pictures(ctx, tx, a, m.Matter, in.Pictures)
}

// Number numbers suggestions that were accepted, in the order of the list; start
// is the first number, 0 for the next one of this year.
func (s *Service) Number(ctx context.Context, tx *store.Tx, a member.Actor, ids []string, start int64) ([]matter.Matter, error) {
	scope, format := matter.YearNumber(calendar.Of(s.now()).Year())
	return s.matters.GiveNumbers(ctx, tx, a, matter.Numbering{
		Kind: Kind, IDs: ids, In: []workflow.Status{Accepted}, Start: start, Scope: scope, Format: format,
	})
}

func row(x matter.Matter, c Unfinished) *Suggestion {
	return &Suggestion{
		MatterID: x.ID, InstitutionID: x.InstitutionID, Body: c.Body, Place: c.Place, Latitude: c.Latitude, Longitude: c.Longitude, ProposedJSON: "[]",
	}
}

func (c Content) check() error {
	if n := utf8.RuneCountInString(c.Title); n < 2 || n > 30 {
		return ErrTitle
	}
	if n := utf8.RuneCountInString(c.Body); n < 10 || n > 500 {
		return ErrBody
	}
	if (c.Latitude == nil) != (c.Longitude == nil) {
		return ErrPlace
	}
	return nil
}

// save keeps a draft as it stands now.
func (s *Service) save(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SaveInput)
	m.To = matter.Draft
	if err := write(ctx, m, in.Unfinished); err != nil {
		return err
	}
	return s.pictures(ctx, m.Tx, m.Typist, m.Matter, in.Pictures)
}

// send hands in what was a draft, or was returned.
func (s *Service) send(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SendInput)
	if err := in.Content.check(); err != nil {
		return err
	}
	m.To = Submitted
	if m.Subject.Status == matter.Draft {
		m.Set("submitted_at", m.At)
	}
	if err := write(ctx, m, Unfinished(in.Content)); err != nil {
		return err
	}
	m.AskCoAuthors()
	m.TellBehalf()
	s.check(m)
	return s.pictures(ctx, m.Tx, m.Typist, m.Matter, in.Pictures)
}

// pictures lets a suggestion have just these pictures, new ones of whoever typed
// it; nil leaves them as they are.
func (s *Service) pictures(ctx context.Context, tx *store.Tx, typist member.Actor, x matter.Matter, ids []string) error {
	return s.files.Replace(ctx, tx, typist, ids, attachment.Reference{MatterID: x.ID, Purpose: attachment.ForMatter, Public: true})
}

// check lets the platform look at the words of a suggestion.
func (s *Service) check(m *matter.Move) {
	s.checks.HandText(m.Tx, safety.Handed{
		InstitutionID: m.Matter.InstitutionID, Kind: string(Kind), MatterID: m.Matter.ID, AccountID: m.Actor.AccountID,
	}, m.Subject.Status != "")
}

func write(ctx context.Context, m *matter.Move, c Unfinished) error {
	m.Set("title", c.Title)
	m.Set("category", c.Category)
	m.Matter.Title, m.Matter.Category = c.Title, c.Category
	m.Tx.Exec("UPDATE suggestions SET body = ?, place = ?, latitude = ?, longitude = ? WHERE matter_id = ?",
		c.Body, c.Place, c.Latitude, c.Longitude, m.Matter.ID)
	return m.ReplaceCoAuthors(ctx, c.CoAuthors)
}

// texts reads what the platform's check is asked about.
func texts(ctx context.Context, c store.Conn, ids []string) (map[string]safety.Text, error) {
	var rows []struct{ ID, Title, Body, Place string }
	err := c.Gorm(ctx).Raw(`SELECT m.id, m.title, s.body, s.place FROM matters m JOIN suggestions s ON s.matter_id = m.id WHERE m.id IN ?`, ids).Scan(&rows).Error
	by := make(map[string]safety.Text, len(rows))
	for _, r := range rows {
		by[r.ID] = safety.Text{Title: r.Title, Body: strings.TrimSpace(r.Body + "\n" + r.Place)}
	}
	return by, err
}

// Load adds the query for a suggestion's own row to a batch.
func Load(b *store.Batch, id string) *[]Suggestion {
	var rows []Suggestion
	store.Read(b, &rows, "SELECT * FROM suggestions WHERE matter_id = ?", id)
	return &rows
}

// find returns a suggestion's own row.
func find(ctx context.Context, tx *store.Tx, id string) (Suggestion, error) {
	x, err := gorm.G[Suggestion](tx.Gorm(ctx)).Where("matter_id = ?", id).First(ctx)
	if err != nil {
		return Suggestion{}, fmt.Errorf("find a suggestion: %w", err)
	}
	return x, nil
}
