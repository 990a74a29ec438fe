package institution

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// ErrSetting is the fault of a value that a setting does not take.
var ErrSetting = fault.New(fault.Invalid, "institution.setting", "这项设置的值不合要求，没有保存。请按说明修改。")

// Setting is one thing that an institution may set for itself, with the value
// that holds until it does. T is any type that JSON holds; a package declares
// its settings beside the rules that ask for them.
type Setting[T any] struct {
	Name    string // "notify.quiet_hours"
	Label   string // "免打扰时段"
	Default T
	Check   func(T) error // what T itself does not say; nil: every T will do
}

// AnySetting is a Setting of any type, for the list of all of them.
type AnySetting interface {
	// Describe returns the name, the label, and the default as JSON.
	Describe() (name, label string, value json.RawMessage)
	// Parse reads a value, or says why it cannot be one.
	Parse(raw json.RawMessage) (canonical json.RawMessage, err error)
}

// StoredSetting is a value that an institution has set.
type StoredSetting struct {
	InstitutionID string `gorm:"primaryKey"`
	Name          string `gorm:"primaryKey"`
	ValueJSON     string
	UpdatedAt     time.Time
}

// TableName names the table.
func (StoredSetting) TableName() string { return "settings" }

// Of returns the value that holds for an institution.
func (s Setting[T]) Of(ctx context.Context, c store.Conn, institutionID string) (T, error) {
	var rows []StoredSetting
	err := c.Gorm(ctx).Where("institution_id = ? AND name = ?", institutionID, s.Name).Limit(1).Find(&rows).Error
	if err != nil {
		return s.Default, fmt.Errorf("read the setting %s: %w", s.Name, err)
	}
	return s.From(rows)
}

// From finds the value among stored ones of one institution, which were read with
// something else; the default where it is not among them.
func (s Setting[T]) From(rows []StoredSetting) (T, error) {
	for _, r := range rows {
		if r.Name == s.Name {
			return s.parse([]byte(r.ValueJSON))
		}
	}
	return s.Default, nil
}

// Describe implements AnySetting.
func (s Setting[T]) Describe() (name, label string, value json.RawMessage) {
	raw, err := json.Marshal(s.Default)
	if err != nil {
		panic(err) // a default of ours
	}
	return s.Name, s.Label, raw
}

// Parse implements AnySetting.
func (s Setting[T]) Parse(raw json.RawMessage) (json.RawMessage, error) {
	v, err := s.parse(raw)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func (s Setting[T]) parse(raw []byte) (T, error) {
	var given *T // so that null is told from a value
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&given)
	switch {
	case err != nil:
	case given == nil || d.More():
		err = errors.New("not one value")
	case s.Check != nil:
		err = s.Check(*given)
	}
	if err != nil {
		return s.Default, fmt.Errorf("setting %s: %w", s.Name, err)
	}
	return *given, nil
}

// SettingValue is what holds of one setting.
type SettingValue struct {
	Name, Label    string
	Value, Default json.RawMessage
	SetAt          *time.Time // nil: the default holds
}

// Settings returns what holds of each of the given settings, in their order.
func Settings(ctx context.Context, c store.Conn, institutionID string, all []AnySetting) ([]SettingValue, error) {
	rows, err := gorm.G[StoredSetting](c.Gorm(ctx)).Where("institution_id = ?", institutionID).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	set := map[string]StoredSetting{}
	for _, r := range rows {
		set[r.Name] = r
	}
	var values []SettingValue
	for _, s := range all {
		name, label, value := s.Describe()
		v := SettingValue{Name: name, Label: label, Value: value, Default: value}
		if r, ok := set[name]; ok {
			v.Value, v.SetAt = json.RawMessage(r.ValueJSON), &r.UpdatedAt
		}
		values = append(values, v)
	}
	return values, nil
}

// Set queues a new value of a setting. One that it does not take is ErrSetting.
func Set(tx *store.Tx, now time.Time, institutionID string, s AnySetting, raw json.RawMessage) error {
	canonical, err := s.Parse(raw)
	if err != nil {
		return ErrSetting
	}
	name, _, _ := s.Describe()
	tx.Exec(`INSERT INTO settings (institution_id, name, value_json, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (institution_id, name) DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
		institutionID, name, string(canonical), now)
	return nil
}
