package calendar

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// MarshalText returns the form 2006-01-02 for JSON and the keys of maps, or
// nothing for the zero Day. Years that four digits cannot hold are an error.
func (d Day) MarshalText() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes. An empty text gives the zero Day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value gives the database the text form, which both SQLite and the type DATE
// of PostgreSQL take and which sorts by time; NULL for the zero Day.
func (d Day) Value() (driver.Value, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a day from a column: text in the form 2006-01-02, a midnight as
// drivers give it for the type DATE, or NULL for the zero Day. A time with
// hours is an error, since it is an instant whose day depends on a zone.
func (d *Day) Scan(source any) error {
	switch s := source.(type) {
	case nil:
		*d = Day{}
		return nil
	case string:
		return d.scanText(s)
	case []byte:
		return d.scanText(string(s))
	case time.Time:
		if !of(s).at(s.Location()).Equal(s) {
			return fmt.Errorf("calendar: a column of instants cannot be read as a day: %s", s.Format(time.RFC3339Nano))
		}
		*d = of(s)
		return nil
	default:
		return fmt.Errorf("calendar: a %T cannot be read as a day", source)
	}
}

func (d *Day) scanText(text string) error {
	parsed, err := Parse(text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// check refuses years that the text form cannot hold.
func (d Day) check() error {
	if !d.IsZero() && (d.year < 1 || d.year > 9999) {
		return fmt.Errorf("calendar: year %d is not within 1 to 9999", d.year)
	}
	return nil
}
