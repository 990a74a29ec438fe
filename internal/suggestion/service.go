package suggestion

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/safety"
	"yanlu/internal/store"
)

// Service takes suggestions in and decides them.
type Service struct {
	matters *matter.Service
	checks  *safety.Service
}

// New returns the service and registers the kind.
func New(matters *matter.Service, tail *handling.Service, checks *safety.Service) *Service {
	s := &Service{matters: matters, checks: checks}
	effects := tail.Effects()
	maps.Copy(effects, map[string]matter.Effect{"accept": accept, "reject": reject})
	matters.Register(matter.Head{Kind: Kind, Flow: Flow(), Effects: effects})
	checks.Register(safety.Source{Kind: string(Kind), Label: Flow().Label, Default: true, Texts: texts})
	return s
}

// Submit hands a suggestion in, with the actor as its author. ErrTitle, ErrBody
// and ErrPlace tell of what the form could not; who is no member gets
// matter.ErrNotYours.
func (s *Service) Submit(ctx context.Context, tx *store.Tx, a member.Actor, in SubmitInput) (matter.Matter, error) {
	if n := utf8.RuneCountInString(in.Title); n < 2 || n > 30 {
		return matter.Matter{}, ErrTitle
	}
	if n := utf8.RuneCountInString(in.Body); n < 10 || n > 500 {
		return matter.Matter{}, ErrBody
	}
	if (in.Latitude == nil) != (in.Longitude == nil) {
		return matter.Matter{}, ErrPlace
	}
	x, _, err := s.matters.Open(ctx, tx, a, matter.Draft{Kind: Kind, Title: in.Title, Category: in.Category})
	if err != nil {
		return matter.Matter{}, err
	}
	tx.Insert(&Suggestion{
		MatterID: x.ID, InstitutionID: x.InstitutionID, Body: in.Body, Place: in.Place, Latitude: in.Latitude, Longitude: in.Longitude,
	})
	s.checks.HandText(tx, safety.Handed{InstitutionID: x.InstitutionID, Kind: string(Kind), MatterID: x.ID, AccountID: a.AccountID}, false)
	return x, nil
}

// accept takes a suggestion up and gives it the next number of its year.
func accept(_ context.Context, m *matter.Move) error {
	in := m.Input.(AcceptInput)
	if in.Category != "" {
		m.Set("category", in.Category)
	}
	m.Number(matter.YearNumber(calendar.Of(m.Now).Year()))
	m.Tx.Exec("UPDATE suggestions SET route = ? WHERE matter_id = ?", in.Route, m.Matter.ID)
	m.TellAuthors(notify.Decision, "您的微建议已受理", fmt.Sprintf("“%s”已受理，将交承办单位办理，有进展会告诉您。", m.Matter.Title),
		map[string]string{"status": "已受理", "note": "将交承办单位办理"})
	return nil
}

// reject turns a suggestion down and tells why.
func reject(_ context.Context, m *matter.Move) error {
	in := m.Input.(RejectInput)
	m.Tx.Exec("UPDATE suggestions SET rejection = ? WHERE matter_id = ?", in.Code, m.Matter.ID)
	m.TellAuthors(notify.Decision, "您的微建议没有受理", fmt.Sprintf("“%s”没有受理。理由：%s", m.Matter.Title, in.Reason),
		map[string]string{"status": "不予受理", "note": in.Reason})
	return nil
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
	b.Read(&rows, func(g *gorm.DB) *gorm.DB { return g.Where("matter_id = ?", id).Limit(1) })
	return &rows
}
