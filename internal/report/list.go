package report

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
)

// The limits of a list that is taken out.
const (
	MaxRows = 5000
	batch   = 500 // rows that are read at once
)

// ErrTooMany is the fault of a list that is too long to be taken out.
var ErrTooMany = fault.New(fault.Invalid, "report.too_many", fmt.Sprintf("符合条件的超过%d件，一张表放不下。请选定年份、状态等，缩小范围后再导出。", MaxRows))

// Row is a matter of a list that is taken out.
type Row struct {
	matter.Line
	Authors []matter.Author // none where the actor does not read who they are
	Handled handling.Outline
}

// List returns the matters that a filter wants and the actor sees, for a table: those
// with a number first, by their number, and then the others as they were received.
// ErrTooMany tells that there are more than MaxRows. It reads a few hundred at a time,
// in as many queries for each whatever they are.
func (s *Service) List(ctx context.Context, a member.Actor, f matter.Filter) ([]Row, error) {
	var rows []Row
	f.Limit = batch
	for {
		lines, err := s.matters.List(ctx, a, f)
		if err != nil {
			return nil, err
		}
		if len(rows)+len(lines) > MaxRows {
			return nil, ErrTooMany
		}
		if rows, err = s.complete(ctx, a, f.Kind, rows, lines); err != nil {
			return nil, err
		}
		if len(lines) < batch {
			break
		}
		f.Before = lines[len(lines)-1].ID
	}
	sortRows(rows)
	return rows, nil
}

// complete adds lines to the rows, with what a table tells of them beside.
func (s *Service) complete(ctx context.Context, a member.Actor, kind matter.Kind, rows []Row, lines []matter.Line) ([]Row, error) {
	if len(lines) == 0 {
		return rows, nil
	}
	var ids []string
	var matters []matter.Matter
	for _, l := range lines {
		ids, matters = append(ids, l.ID), append(matters, l.Matter)
	}
	authors, err := s.matters.AuthorsOf(ctx, a, kind, ids)
	if err != nil {
		return nil, err
	}
	handled, err := s.handling.Outlines(ctx, a, matters)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		rows = append(rows, Row{l, authors[l.ID], handled[l.ID]})
	}
	return rows, nil
}

// sortRows puts the rows into their order. The numbers of one year or session stand
// together, before those of the next.
func sortRows(rows []Row) {
	begins := map[string]int64{} // when the first was received of those whose numbers begin alike
	type place struct {
		series string
		number int
	}
	places := make(map[string]place, len(rows))
	for _, r := range rows {
		if r.Number == nil {
			continue
		}
		series, n := cutNumber(*r.Number)
		places[r.ID] = place{series, n}
		if at := r.SubmittedAt.UnixMicro(); begins[series] == 0 || at < begins[series] {
			begins[series] = at
		}
	}
	slices.SortFunc(rows, func(x, y Row) int {
		p, q := places[x.ID], places[y.ID]
		switch {
		case x.Number != nil && y.Number != nil:
			return cmp.Or(cmp.Compare(begins[p.series], begins[q.series]), strings.Compare(p.series, q.series), cmp.Compare(p.number, q.number), strings.Compare(x.ID, y.ID))
		case x.Number != nil:
			return -1
		case y.Number != nil:
			return 1
		}
		return cmp.Or(x.SubmittedAt.Compare(y.SubmittedAt), strings.Compare(x.ID, y.ID))
	})
}

// numberParts are what stands before the last figure of a number, the figure, and what
// stands behind.
var numberParts = regexp.MustCompile(`^(|.*\D)(\d+)(\D*)$`)

// cutNumber parts a number such as 十一届三次会议第31号 into what it shares with its
// like and the figure.
func cutNumber(number string) (series string, n int) {
	parts := numberParts.FindStringSubmatch(number)
	if parts == nil {
		return number, 0
	}
	n, _ = strconv.Atoi(parts[2]) // one that no machine word holds is none of ours
	return parts[1] + parts[3], n
}
