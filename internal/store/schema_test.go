package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/schema"

	"yanlu/internal/account"
	"yanlu/internal/app"
	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/opinion"
	"yanlu/internal/phrase"
	"yanlu/internal/proposal"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
	"yanlu/internal/suggestion"
)

// models are all structs that are rows of a table.
func models() []any {
	return []any{
		store.Once{}, store.Counter{},
		institution.Institution{}, institution.StoredSetting{}, institution.Unit{}, institution.FormerName{},
		member.Person{}, member.Term{}, member.Appointment{}, member.Division{},
		account.Account{}, account.Binding{}, account.Session{}, account.Invitation{}, account.Attempt{},
		audit.Entry{}, audit.Chain{}, audit.Totals{},
		notify.Message{}, notify.Push{}, notify.Grant{}, notify.PlatformEvent{}, notify.TemplateFault{}, notify.Undelivered{},
		matter.Matter{}, matter.Author{}, matter.Event{}, matter.Deadline{}, matter.Waiting{}, matter.Holiday{}, matter.Recounting{}, matter.Reminded{}, matter.HandUp{}, matter.Feedback{},
		handling.Assignment{}, handling.Reply{}, handling.Rating{}, handling.Handover{}, handling.Assessment{},
		suggestion.Suggestion{},
		opinion.Opinion{}, opinion.Version{}, opinion.Finding{}, opinion.Dispatch{}, opinion.Adoption{}, opinion.Instruction{},
		proposal.Proposal{}, proposal.Collection{}, proposal.Text{}, proposal.Review{}, proposal.Translation{}, proposal.Mark{}, proposal.SupervisionTask{},
		phrase.Phrase{},
		safety.Check{}, safety.Decision{}, safety.Trace{},
		attachment.Attachment{}, attachment.Upload{},
		app.KeyCheck{},
	}
}

// column is a column as the database has it.
type column struct {
	TableName, ColumnName, DataType string
	Nullable, PrimaryKey            bool
}

func columns(t testing.TB, db *store.DB) []column {
	t.Helper()
	query := `SELECT m.name AS table_name, c.name AS column_name, lower(c.type) AS data_type, c."notnull" = 0 AS nullable, c.pk > 0 AS primary_key
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	if db.Postgres() {
		query = `SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES' AS nullable, EXISTS (
			SELECT 1 FROM information_schema.table_constraints k
			JOIN information_schema.key_column_usage u USING (constraint_schema, constraint_name, table_name)
			WHERE k.constraint_type = 'PRIMARY KEY' AND k.table_schema = 'public' AND u.table_name = c.table_name AND u.column_name = c.column_name
			) AS primary_key FROM information_schema.columns c WHERE c.table_schema = 'public'`
	}
	var found []column
	if err := db.Gorm(t.Context()).Raw(query + " ORDER BY 1, 2").Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(c column) bool { return c.TableName == "goose_db_version" })
}

// differences compares models with the columns of a database.
func differences(t testing.TB, found []column, models []any) []string {
	t.Helper()
	tables := map[string]map[string]column{}
	for _, c := range found {
		if tables[c.TableName] == nil {
			tables[c.TableName] = map[string]column{}
		}
		tables[c.TableName][c.ColumnName] = c
	}
	var wrong []string
	for _, model := range models {
		s, err := schema.Parse(model, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		table, ok := tables[s.Table]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%T: there is no table %s", model, s.Table))
			continue
		}
		delete(tables, s.Table)
		for _, f := range s.Fields {
			c, ok := table[f.DBName]
			if !ok {
				wrong = append(wrong, fmt.Sprintf("%T.%s: %s has no column %s", model, f.Name, s.Table, f.DBName))
				continue
			}
			delete(table, f.DBName)
			for _, w := range unlike(f, c) {
				wrong = append(wrong, fmt.Sprintf("%T.%s: %s.%s %s", model, f.Name, s.Table, c.ColumnName, w))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(table)) {
			wrong = append(wrong, fmt.Sprintf("%T: nothing of it is the column %s.%s", model, s.Table, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		wrong = append(wrong, fmt.Sprintf("the table %s has no model", name))
	}
	return wrong
}

var (
	day   = reflect.TypeFor[calendar.Day]()
	bytes = reflect.TypeFor[[]byte]()
)

// types are the types of columns that hold a Go type on PostgreSQL and on
// SQLite.
func types(t reflect.Type) []string {
	switch {
	case t == day:
		return []string{"date", "text"}
	case t == bytes:
		return []string{"bytea", "blob"}
	case t == reflect.TypeFor[time.Time]():
		return []string{"timestamp with time zone", "datetime"}
	}
	switch t.Kind() {
	case reflect.String:
		return []string{"text", "uuid"}
	case reflect.Int:
		return []string{"integer"}
	case reflect.Int64:
		return []string{"bigint", "integer"}
	case reflect.Bool:
		return []string{"boolean"}
	case reflect.Float64:
		return []string{"double precision", "real"}
	default:
		return nil
	}
}

// unlike tells how a column differs from its field.
func unlike(f *schema.Field, c column) []string {
	var wrong []string
	if f.PrimaryKey != c.PrimaryKey {
		wrong = append(wrong, fmt.Sprintf("is of the primary key: %t, by the model: %t", c.PrimaryKey, f.PrimaryKey))
	}
	plain, pointer := f.FieldType, f.FieldType.Kind() == reflect.Pointer
	if pointer {
		plain = plain.Elem()
	}
	switch {
	case pointer && !c.Nullable:
		wrong = append(wrong, "is NOT NULL, but the field is a pointer")
	case !pointer && plain != bytes && plain != day && c.Nullable:
		wrong = append(wrong, fmt.Sprintf("may be NULL, but the field is a %s", f.FieldType))
	}
	if !slices.Contains(types(plain), c.DataType) {
		wrong = append(wrong, fmt.Sprintf("is of type %s, which does not hold a %s", c.DataType, plain))
	}
	return wrong
}

// TestModelsAreTheTables holds that each model has just the columns of its
// table and each table has its model.
func TestModelsAreTheTables(t *testing.T) {
	t.Parallel()
	found := columns(t, storetest.Open(t))
	if wrong := differences(t, found, models()); len(wrong) > 0 {
		t.Fatal(strings.Join(wrong, "\n"))
	}

	// The comparison finds what it is for.
	type Account struct {
		account.Account
		Colour string
	}
	type Colour struct{ ID string }
	type Unit struct {
		ID            *string `gorm:"primaryKey"`
		InstitutionID string  `gorm:"primaryKey"`
		Name          []byte
		Kind          int
	}
	type Suggestion struct {
		MatterID, InstitutionID, Body, Place, Route, Rejection string
		ProposedJSON, Channel, EscalatedTo                     string
		Latitude                                               float64
		Longitude                                              *float64
	}
	replace := func(old, with any) []any {
		all := models()
		all[slices.Index(all, old)] = with
		return all
	}
	cases := map[string]struct {
		models []any
		want   []string
	}{
		"a column without a migration": {replace(account.Account{}, Account{}), []string{"store_test.Account.Colour: accounts has no column colour"}},
		"a table without a model": {
			slices.DeleteFunc(models(), func(m any) bool { return m == any(store.Counter{}) }), []string{"the table counters has no model"},
		},
		"a model without a table": {append(models(), Colour{}), []string{"store_test.Colour: there is no table colours"}},
		"other keys, kinds and a column that is left out": {replace(institution.Unit{}, Unit{}), []string{
			"store_test.Unit.ID: units.id is NOT NULL, but the field is a pointer",
			"store_test.Unit.InstitutionID: units.institution_id is of the primary key: false, by the model: true",
			"store_test.Unit.Name: units.name is of type text, which does not hold a []uint8",
			"store_test.Unit.Kind: units.kind is of type text, which does not hold a int",
			"store_test.Unit: nothing of it is the column units.alias",
			"store_test.Unit: nothing of it is the column units.created_at",
			"store_test.Unit: nothing of it is the column units.ended_at",
			"store_test.Unit: nothing of it is the column units.version",
		}},
		"a value for a column that may be NULL": {replace(suggestion.Suggestion{}, Suggestion{}), []string{
			"store_test.Suggestion.MatterID: suggestions.matter_id is of the primary key: true, by the model: false",
			"store_test.Suggestion.Latitude: suggestions.latitude may be NULL, but the field is a float64",
		}},
	}
	for name, c := range cases {
		if diff := cmp.Diff(c.want, differences(t, found, c.models)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestEveryModelIsListed holds that no struct with a primary key is missing in
// models.
func TestEveryModelIsListed(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, m := range models() {
		listed = append(listed, fmt.Sprintf("%T", m))
	}
	var found []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok && hasKey(s) {
				found = append(found, file.Name.Name+"."+spec.Name.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	slices.Sort(found)
	if diff := cmp.Diff(found, listed); diff != "" {
		t.Errorf("the structs with a primary key (-) are not those that are listed (+): %s", diff)
	}
}

func hasKey(s *ast.StructType) bool {
	return slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
		return f.Tag != nil && strings.Contains(f.Tag.Value, "primaryKey")
	})
}

// TestForeignKeysCarryTheInstitution holds that a row of one institution cannot
// point to a row of another: where both tables have an institution, it is part
// of the key between them. The chain of what is handed up, with its pictures, alone leads from one to
// the other.
func TestForeignKeysCarryTheInstitution(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	query := `SELECT m.name AS child, f."table" AS parent, f.id AS key, f."from" AS own FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`
	if db.Postgres() {
		query = `SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, c.oid::bigint AS key, a.attname AS own
			FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'`
	}
	var keys []struct {
		Child, Parent, Own string
		Key                int64
	}
	if err := db.Gorm(t.Context()).Raw(query).Scan(&keys).Error; err != nil {
		t.Fatal(err)
	}
	belongs := map[string]bool{}
	for _, c := range columns(t, db) {
		belongs[c.TableName] = belongs[c.TableName] || c.ColumnName == "institution_id"
	}
	own := map[string][]string{}
	for _, k := range keys {
		if k.Parent != "institutions" && belongs[k.Child] && belongs[k.Parent] {
			name := fmt.Sprintf("%s → %s (%d)", k.Child, k.Parent, k.Key)
			own[name] = append(own[name], k.Own)
		}
	}
	if len(own) == 0 {
		t.Fatal("there are no foreign keys")
	}
	between := []string{"origin_id", "upper_id", "copy_of"}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if !slices.Contains(own[name], "institution_id") && (len(own[name]) != 1 || !slices.Contains(between, own[name][0])) {
			t.Errorf("%s by %v alone", name, own[name])
		}
	}
}
