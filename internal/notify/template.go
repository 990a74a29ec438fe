package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Wanted is a template for which the client should ask consent.
type Wanted struct {
	Event   Event
	ID      string
	Balance int  // messages that the asker's telephone still takes
	Ask     bool // it is about what this person is told, and the balance is low
}

// enough is the balance from which the client need not ask: about what one
// matter takes.
const enough = 3

// Wanted lists the templates in the order in which the client should ask: those
// for which Ask holds first, of them the lowest balance. It tells of no other
// telephone than the asker's. Actor is nil where the telephone is not bound.
func (s *Service) Wanted(ctx context.Context, openID string, a *member.Actor) ([]Wanted, error) {
	rows, err := gorm.G[Grant](s.db.Gorm(ctx)).Where("open_id = ?", openID).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	balance := map[string]int{}
	for _, g := range rows {
		balance[g.TemplateID] = g.Balance
	}
	wanted := s.Templates()
	for i, w := range wanted {
		wanted[i].Balance = balance[w.ID]
		wanted[i].Ask = balance[w.ID] < enough && w.Event.concerns(a)
	}
	slices.SortStableFunc(wanted, func(a, b Wanted) int {
		if a.Ask != b.Ask {
			if a.Ask {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Balance, b.Balance)
	})
	return wanted, nil
}

// Templates lists the configured templates in the order of Events.
func (s *Service) Templates() []Wanted {
	var wanted []Wanted
	for _, e := range Events() {
		if t, ok := s.templates[e]; ok {
			wanted = append(wanted, Wanted{Event: e, ID: t.ID})
		}
	}
	return wanted
}

// concerns reports whether an event is told to people like the actor: members
// are told of their matters, everybody else of work.
func (e Event) concerns(a *member.Actor) bool {
	if a == nil {
		return true
	}
	work := e == Task || e == Reminder
	return work && (len(a.Roles()) > 1 || !a.Is(member.Member)) || !work && a.Is(member.Member)
}

// TemplateFault is a template that the platform refuses for a mistake of ours.
// The row goes when a message with it is sent.
type TemplateFault struct {
	TemplateID string `gorm:"primaryKey"`
	Event      Event
	ErrorCode  int
	Since      time.Time
}

// Faults lists the configured templates that are refused.
func (s *Service) Faults(ctx context.Context) ([]TemplateFault, error) {
	var ids []string
	for _, t := range s.templates {
		ids = append(ids, t.ID)
	}
	rows, err := gorm.G[TemplateFault](s.db.Gorm(ctx)).Where("template_id IN ?", ids).Order("since").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list refused templates: %w", err)
	}
	return rows, nil
}

// alarm logs that the platform refuses a template: once, until it is mended.
func (d *Dispatcher) alarm(ctx context.Context, p Push, code int, cause error) error {
	first := false
	err := d.s.db.Tx(ctx, func(tx *store.Tx) error {
		r := tx.Gorm(ctx).Exec("INSERT INTO template_faults (template_id, event, error_code, since) VALUES (?, ?, ?, ?) ON CONFLICT (template_id) DO NOTHING",
			p.TemplateID, p.Event, code, d.s.now())
		first = r.RowsAffected == 1
		return r.Error
	})
	if err != nil {
		return fmt.Errorf("note a refused template: %w", err)
	}
	if !first {
		d.log.WarnContext(ctx, "a push was refused again for a mistake of ours", "push", p.ID, "event", p.Event, "code", code)
		return nil
	}
	d.log.ErrorContext(ctx, "a push was refused for a mistake of ours: mend the template in the configuration",
		"alarm", true, "push", p.ID, "event", p.Event, "code", code, "error", cause)
	return nil
}

// mended forgets that a template was refused.
func mended(tx *store.Tx, _, templateID string) {
	tx.Exec("DELETE FROM template_faults WHERE template_id = ?", templateID)
}
