package api

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

var errCursor = fault.New(fault.Invalid, "request.cursor", "翻页位置无效，请从第一页重新打开。")

// Paged is embedded in the input of a list. Pages follow each other by a
// cursor, so that a page costs the same wherever it is.
type Paged struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many lines, at most 100"`
	After string `query:"after" maxLength:"200" doc:"The cursor of the page before, as it was given"`
}

// page is the answer of a list.
type page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

// cut makes a page of up to limit lines out of limit+1, so that the last page
// is known to be the last without counting.
func cut[R, T any](rows []R, limit int, cursor func(R) string, view func(R) T) page[T] {
	p := page[T]{Items: []T{}}
	for i, r := range rows {
		if i == limit {
			p.Next = cursor(rows[i-1])
			break
		}
		p.Items = append(p.Items, view(r))
	}
	return p
}

// idCursor reads a cursor that is an identifier.
func idCursor(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if !store.IsID(s) {
		return "", errCursor
	}
	return s, nil
}

// writeCursor writes a cursor of several parts, the last of which is an
// identifier. No part has a space.
func writeCursor(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, " ")))
}

// readCursor reads a cursor of n parts, the last of which is an identifier; nil
// for the first page.
func readCursor(s string, n int) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errCursor
	}
	parts := strings.Split(string(raw), " ")
	if len(parts) != n || !store.IsID(parts[n-1]) {
		return nil, errCursor
	}
	return parts, nil
}

// cursorNumber reads a number of a cursor.
func cursorNumber(part string, least, most int) (int, error) {
	n, err := strconv.Atoi(part)
	if err != nil || n < least || n > most {
		return 0, errCursor
	}
	return n, nil
}

// markCursor writes a cursor of the queue.
func markCursor(m matter.Mark) string {
	return writeCursor(strconv.Itoa(int(m.Rank)), m.DueAt.UTC().Format(time.RFC3339Nano), m.ID)
}

// parseMark reads a cursor of the queue; nil for the first page.
func parseMark(s string) (*matter.Mark, error) {
	parts, err := readCursor(s, 3)
	if err != nil || parts == nil {
		return nil, err
	}
	rank, err := cursorNumber(parts[0], int(matter.Urgent), int(matter.Ordinary))
	if err != nil {
		return nil, err
	}
	due, err := time.Parse(time.RFC3339Nano, parts[1])
	if err != nil {
		return nil, errCursor
	}
	return &matter.Mark{Rank: matter.Rank(rank), DueAt: due.UTC(), ID: parts[2]}, nil
}
