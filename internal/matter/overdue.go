package matter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
)

// Late is a deadline that is over.
type Late struct {
	MatterID     string
	AssignmentID *string
	Number       *string
	Title        string
	Of           Kind
	Label        string // of the clock: "答复"
	DueAt        time.Time
	Days         int // working days since then; 0 on the first of them
}

// LateHolder is who is late, with what.
type LateHolder struct {
	Sort  string // "unit", "role" or "person"; empty where nobody is waited for
	ID    string // of the unit or the person, or the role
	Name  string
	OnApp int // people of it who have a telephone bound; 0: call them
	Items []Late
}

// lateLimit is how many deadlines the list of who is late has.
const lateLimit = 300

// Overdue lists who of the actor's institution is late: units first, then the
// roles of the office, then persons, each with what has been due the longest
// first. It has up to 300 deadlines, the oldest; more tells of others. Its cost
// does not grow with the table. What is closed to the actor is not in it.
func (w *Watch) Overdue(ctx context.Context, a member.Actor) (groups []LateHolder, more bool, err error) {
	var rows []struct {
		Late
		ID     string
		Holder string
	}
	now, seen := w.s.now(), ""
	args := []any{a.InstitutionID, now}
	if closed, more := closedTo(w.s.shut(a)); closed != "" {
		seen, args = " AND NOT EXISTS (SELECT 1 FROM matters WHERE matters.id = deadlines.matter_id AND ("+closed+"))", append(args, more...)
	}
	err = w.s.db.Gorm(ctx).Raw(`SELECT d.id, d.matter_id, d.assignment_id, d.label, d.due_at, m.number, m.title, m.kind AS "of",
			COALESCE(w.holder, '') AS holder
		FROM (SELECT * FROM deadlines WHERE institution_id = ? AND met_at IS NULL AND due_at < ?`+seen+` ORDER BY due_at, id LIMIT ?) AS d
		JOIN matters m ON m.id = d.matter_id
		LEFT JOIN waiting w ON w.matter_id = d.matter_id AND (w.assignment_id = d.assignment_id OR w.assignment_id IS NULL AND d.assignment_id IS NULL)
		ORDER BY d.due_at, d.id, w.id`, append(args, lateLimit+1)...).Scan(&rows).Error
	if err != nil {
		return nil, false, fmt.Errorf("list who is late: %w", err)
	}
	if len(rows) == 0 {
		return nil, false, nil
	}
	today := calendar.Of(now)
	days, err := exceptions(ctx, w.s.db, a.InstitutionID, calendar.Of(rows[0].DueAt), today)
	if err != nil {
		return nil, false, err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return nil, false, fmt.Errorf("read the holidays: %w", err)
	}
	by, counted := map[string]*LateHolder{}, map[string]bool{}
	for _, r := range rows {
		counted[r.ID] = true
		if len(counted) > lateLimit {
			more = true
			break
		}
		if by[r.Holder] == nil {
			by[r.Holder] = &LateHolder{}
			by[r.Holder].Sort, by[r.Holder].ID, _ = strings.Cut(r.Holder, ":")
		}
		r.Days = cal.CountWorkingDays(calendar.Of(r.DueAt), today)
		by[r.Holder].Items = append(by[r.Holder].Items, r.Late)
	}
	groups, err = w.named(ctx, a, by)
	return groups, more, err
}

// named gives the holders their names and sorts them.
func (w *Watch) named(ctx context.Context, a member.Actor, by map[string]*LateHolder) ([]LateHolder, error) {
	var holders, units, people []string
	for holder, g := range by {
		holders = append(holders, holder)
		switch g.Sort {
		case "unit":
			units = append(units, g.ID)
		case "person":
			people = append(people, g.ID)
		}
	}
	onApp, err := w.peopleOf(ctx, w.s.db, a.InstitutionID, holders)
	if err != nil {
		return nil, err
	}
	var names []struct{ ID, Name string }
	err = w.s.db.Gorm(ctx).Raw(`SELECT id, name FROM units WHERE institution_id = ? AND id IN ? UNION ALL SELECT id, name FROM people WHERE institution_id = ? AND id IN ?`,
		a.InstitutionID, units, a.InstitutionID, people).Scan(&names).Error
	if err != nil {
		return nil, fmt.Errorf("name who is late: %w", err)
	}
	var groups []LateHolder
	for holder, g := range by {
		g.OnApp = len(onApp[holder])
		g.Name = "待确认由谁办理"
		if g.Sort == "role" {
			g.Name = member.Roles()[member.Role(g.ID)]
		}
		for _, n := range names {
			if n.ID == g.ID {
				g.Name = n.Name
			}
		}
		groups = append(groups, *g)
	}
	order := map[string]int{"unit": 1, "role": 2, "person": 3, "": 4}
	slices.SortFunc(groups, func(a, b LateHolder) int {
		return cmp.Or(cmp.Compare(order[a.Sort], order[b.Sort]), a.Items[0].DueAt.Compare(b.Items[0].DueAt), strings.Compare(a.ID, b.ID))
	})
	return groups, nil
}

// LateMessage is how many characters a message of the group chat may have.
const LateMessage = 2000

// LateText writes which units are late as plain text to paste into a group
// chat, in as many messages as it takes, none longer than LateMessage. It names
// no author, and nobody but units.
func LateText(groups []LateHolder, now time.Time) []string {
	title := "【到期提醒】截至" + chinese(now) + "，以下事项已逾期，请尽快办理："
	const room = LateMessage - 20 // for the number of the message
	var parts []string
	part, size := "", 0
	write := func(line, again string) {
		if n := len([]rune(line)) + 1; part == "" || size+n > room {
			if part != "" {
				parts = append(parts, part)
			}
			part = title
			if again != "" {
				part += "\n" + again
			}
			size = len([]rune(part))
		}
		part += "\n" + line
		size += len([]rune(line)) + 1
	}
	for _, g := range groups {
		if g.Sort != "unit" {
			continue
		}
		lines := lateLines(g)
		write(fmt.Sprintf("■ %s（%d件）", g.Name, len(lines)), "")
		for _, line := range lines {
			write(line, "■ "+g.Name+"（续）")
		}
	}
	if part != "" {
		parts = append(parts, part)
	}
	if len(parts) > 1 {
		for i := range parts {
			parts[i] += fmt.Sprintf("\n（第%d条，共%d条）", i+1, len(parts))
		}
	}
	return parts
}

// lateLines writes a line for each matter, with all that is late of it.
func lateLines(g LateHolder) []string {
	var lines []string
	at := map[string]int{}
	for _, x := range g.Items {
		late := fmt.Sprintf("%s逾期%d个工作日", x.Label, x.Days)
		if x.Days == 0 {
			late = x.Label + "已到期"
		}
		if i, ok := at[x.MatterID]; ok {
			lines[i] += "，" + late
			continue
		}
		name := "《" + x.Title + "》"
		if x.Number != nil {
			name = *x.Number + name
		}
		at[x.MatterID] = len(lines)
		lines = append(lines, fmt.Sprintf("%d. %s：%s", len(lines)+1, name, late))
	}
	const longest = 300
	for i, line := range lines {
		if r := []rune(line); len(r) > longest {
			lines[i] = string(r[:longest-1]) + "…"
		}
	}
	return lines
}
