package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// QueueCap is where counting a queue stops: 100 stands for "99+".
const QueueCap = 100

// Step is a step that somebody is waited for in: a kind of clock.
type Step struct {
	Name  string // "review"
	Label string // "待审核"
}

// StepCount is how much waits in a step.
type StepCount struct {
	Step
	N int
}

// QueueCount is how much waits for an actor, each number up to QueueCap.
type QueueCount struct {
	All, Overdue, Urgent int
	Steps                []StepCount // in the order of the tables; those in which nothing waits are left out
}

// Steps lists every step of every table, in their order, each once.
func (s *Service) Steps() []Step {
	var steps []Step
	for _, t := range s.everyTable() {
		for _, state := range t.States {
			step := Step{state.Clock.Kind, state.Clock.Awaited()}
			if state.Holder != "" && !slices.ContainsFunc(steps, func(x Step) bool { return x.Name == step.Name }) {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// Tables lists the tables of the kinds and of what is above them.
func (s *Service) Tables() []workflow.Table {
	var tables []workflow.Table
	for _, h := range s.Heads() {
		tables = append(tables, h.Flow)
	}
	for _, t := range s.tails {
		tables = append(tables, t.flow)
	}
	return tables
}

// everyTable is Tables with the forms that the tail has for the single kinds.
func (s *Service) everyTable() []workflow.Table {
	tables := s.Tables()
	for _, h := range s.Heads() {
		tables = append(tables, s.tailsOf[h.Kind].tables...)
	}
	return tables
}

// holdersOf lists the holders that an actor stands for in a state: its party is
// a role, the first author, or else a relation that units have.
func (s *Service) holdersOf(a member.Actor, party workflow.Party) []string {
	_, isRole := member.Roles()[party]
	switch {
	case party == FirstAuthor:
		keys := holders(a, ForPerson)
		for _, h := range s.Heads() {
			if a.Is(h.Office) { // in the place of who has nobody here
				keys = append(keys, RoleHolder(h.Office))
			}
		}
		return keys
	case !isRole:
		return holders(a, ForUnit)
	case a.Is(party):
		return []string{RoleHolder(party)}
	}
	return nil
}

// CountQueue counts what waits for the actor. Each number is a sum of scans of
// an index, one for each holder that the tables know for it, and each ends at
// QueueCap.
func (s *Service) CountQueue(ctx context.Context, a member.Actor) (QueueCount, error) {
	var parts []string
	var args []any
	add := func(of string, holder, condition string, more ...any) {
		parts = append(parts, "SELECT "+of+" AS step, COUNT(*) AS n FROM (SELECT 1 FROM waiting WHERE institution_id = ? AND holder = ?"+condition+" LIMIT ?) AS one")
		args = append(append(append(args, a.InstitutionID, holder), more...), QueueCap)
	}
	for _, h := range holders(a, "") {
		add("'(all)'", h, "")
		add("'(urgent)'", h, " AND rank = ?", Urgent)
		for _, rank := range []Rank{Urgent, Ordinary} {
			add("'(overdue)'", h, " AND rank = ? AND due_at < ?", rank, s.now())
		}
	}
	known := map[string]bool{}
	steps := s.Steps()
	for _, t := range s.everyTable() {
		for _, state := range t.States {
			if state.Holder == "" {
				continue
			}
			held := s.holdersOf(a, state.Holder)
			if state.Or != "" {
				held = append(held, s.holdersOf(a, state.Or)...)
			}
			for _, h := range held {
				at := slices.IndexFunc(steps, func(x Step) bool { return x.Name == state.Clock.Kind })
				if key := h + " " + state.Clock.Kind; !known[key] {
					known[key] = true
					add(fmt.Sprintf("'%d'", at), h, " AND step = ?", state.Clock.Kind)
				}
			}
		}
	}
	var rows []struct {
		Step string
		N    int
	}
	if err := s.db.Gorm(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return QueueCount{}, fmt.Errorf("count a queue: %w", err)
	}
	sums := map[string]int{}
	for _, r := range rows {
		sums[r.Step] = min(sums[r.Step]+r.N, QueueCap)
	}
	c := QueueCount{All: sums["(all)"], Overdue: sums["(overdue)"], Urgent: sums["(urgent)"]}
	for i, step := range steps {
		if n := sums[fmt.Sprint(i)]; n > 0 {
			c.Steps = append(c.Steps, StepCount{step, n})
		}
	}
	return c, nil
}
