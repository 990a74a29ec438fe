package member

import (
	"context"
	"fmt"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/store"
)

// Standing says whether a person holds anything today.
type Standing string

// The choices of Standing.
const (
	Current Standing = "CURRENT" // holds an appointment today
	Former  Standing = "FORMER"  // 历届委员: was a member, and is not and will not be one
)

// Order is the order of a list of people.
type Order string

// The orders. Within the same 职务 or 界别 people stand by 姓氏笔画.
const (
	AsEntered Order = "ENTERED"
	ByStrokes Order = "STROKES" // 姓氏笔画
	ByRank    Order = "RANK"    // 职务
	BySector  Order = "SECTOR"  // 界别
)

// columns are those of the index that an order is a scan of.
func (o Order) columns() string {
	switch o {
	case ByStrokes:
		return "stroke_key, id"
	case ByRank:
		return "rank_order, stroke_key, id"
	case BySector:
		return "sector_order, stroke_key, id"
	}
	return "id"
}

// mark is where a row stands in an order.
func (o Order) mark(p Person) []any {
	switch o {
	case ByStrokes:
		return []any{p.StrokeKey, p.ID}
	case ByRank:
		return []any{p.RankOrder, p.StrokeKey, p.ID}
	case BySector:
		return []any{p.SectorOrder, p.StrokeKey, p.ID}
	}
	return []any{p.ID}
}

// Filter narrows and orders a list of people. Empty fields take everybody.
type Filter struct {
	Role      Role   // held today; of former members: ever
	UnitID    string // for which a role is held
	TermID    string // in which somebody was a member
	Sector    string
	GroupName string
	Standing  Standing
	Begins    string // of the name
	Order     Order
	After     string // identifier of the last person seen
	Limit     int
}

// List returns rows of the actor's institution. A page begins behind the place
// where the last person seen stands now.
func (s *Service) List(ctx context.Context, a Actor, f Filter, day calendar.Day) ([]Person, error) {
	q := s.where(s.db.Gorm(ctx).Model(&Person{}), a, f, day)
	if f.After != "" {
		last, err := s.Find(ctx, s.db, a, f.After)
		if err != nil {
			return nil, err
		}
		q = q.Where("("+f.Order.columns()+") > ?", f.Order.mark(last))
	}
	var people []Person
	if err := q.Order(f.Order.columns()).Limit(f.Limit).Find(&people).Error; err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return people, nil
}

// All returns every row of the actor's institution that a filter takes, in its
// order, for an export: a body has some thousand people at most.
func (s *Service) All(ctx context.Context, c store.Conn, a Actor, f Filter, day calendar.Day) ([]Person, error) {
	var people []Person
	if err := s.where(c.Gorm(ctx).Model(&Person{}), a, f, day).Order(f.Order.columns()).Find(&people).Error; err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return people, nil
}

func (s *Service) where(q *gorm.DB, a Actor, f Filter, day calendar.Day) *gorm.DB {
	const holds = "begins <= ? AND (ends IS NULL OR ends >= ?)"
	q = q.Where("institution_id = ?", a.InstitutionID)
	if f.Sector != "" {
		q = q.Where("sector = ?", f.Sector)
	}
	if f.GroupName != "" {
		q = q.Where("group_name = ?", f.GroupName)
	}
	if f.Begins != "" {
		q = q.Where("SUBSTR(name, 1, ?) = ?", utf8.RuneCountInString(f.Begins), f.Begins)
	}
	if f.TermID != "" {
		q = q.Where("EXISTS (SELECT 1 FROM appointments x WHERE x.person_id = people.id AND x.role = ? AND x.term_id = ?)", Member, f.TermID)
	}
	switch f.Standing {
	case Current:
		q = q.Where("EXISTS (SELECT 1 FROM appointments x WHERE x.person_id = people.id AND "+holds+")", day, day)
	case Former:
		q = q.Where(`EXISTS (SELECT 1 FROM appointments x WHERE x.person_id = people.id AND x.role = ? AND x.begins <= x.ends AND x.ends < ?)
			AND NOT EXISTS (SELECT 1 FROM appointments x WHERE x.person_id = people.id AND x.role = ?
				AND (x.ends IS NULL OR x.ends >= ? AND x.ends >= x.begins))`, Member, day, Member, day)
	}
	if f.Role == "" && f.UnitID == "" {
		return q
	}
	held, args := "x.person_id = people.id", []any{}
	if f.Role != "" {
		held, args = held+" AND x.role = ?", append(args, f.Role)
	}
	if f.UnitID != "" {
		held, args = held+" AND x.unit_id = ?", append(args, f.UnitID)
	}
	if f.Standing != Former {
		held, args = held+" AND x."+holds, append(args, day, day)
	}
	return q.Where("EXISTS (SELECT 1 FROM appointments x WHERE "+held+")", args...)
}
