package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// builder turns rows and statements into SQL. GORM knows how; what it makes of a
// model or of a text is the same each time, and is kept.
type builder struct {
	dry     *gorm.DB // builds statements, runs none
	inserts sync.Map // reflect.Type of a model -> insert
	texts   sync.Map // statement with ? -> the same with the marks of the database
}

// insert is the INSERT of one row of a model.
type insert struct {
	sql    string
	fields []*schema.Field // whose values it takes, in their order; nil: GORM builds each anew
}

// build turns a row into its INSERT, and the marks of a statement into those of
// the database.
func (b *builder) build(s statement) (statement, error) {
	if s.row == nil {
		return b.bind(s)
	}
	v := reflect.Indirect(reflect.ValueOf(s.row))
	if v.Kind() != reflect.Struct {
		return b.create(s.row)
	}
	known, ok := b.inserts.Load(v.Type())
	if !ok {
		g := b.dry.Create(s.row)
		if g.Error != nil {
			return s, fmt.Errorf("build the insert of %T: %w", s.row, g.Error)
		}
		known, _ = b.inserts.LoadOrStore(v.Type(), insertOf(g))
	}
	in := known.(insert)
	if in.fields == nil {
		return b.create(s.row)
	}
	args := make([]any, len(in.fields))
	for i, f := range in.fields {
		var zero bool
		if args[i], zero = f.ValueOf(context.Background(), v); zero && (f.AutoCreateTime > 0 || f.AutoUpdateTime > 0) {
			return b.create(s.row) // GORM fills in the time
		}
	}
	noBytes(args)
	return statement{sql: in.sql, args: args}, nil
}

// create lets GORM build the INSERT of rows.
func (b *builder) create(rows any) (statement, error) {
	g := b.dry.Create(rows)
	if g.Error != nil {
		return statement{}, fmt.Errorf("build the insert of %T: %w", rows, g.Error)
	}
	return statement{sql: g.Statement.SQL.String(), args: g.Statement.Vars}, nil
}

// insertOf is the INSERT that GORM has built of one row, for the rows to come;
// none where its columns depend on the row, as where the database fills some.
func insertOf(g *gorm.DB) insert {
	in := insert{sql: g.Statement.SQL.String()}
	model := g.Statement.Schema
	if len(model.FieldsWithDefaultDBValue) > 0 {
		return insert{}
	}
	for _, name := range model.DBNames {
		in.fields = append(in.fields, model.FieldsByDBName[name])
	}
	if len(in.fields) != len(g.Statement.Vars) {
		return insert{}
	}
	return in
}

// bind turns the marks of a statement into those of the database. A list among
// the arguments becomes as many marks.
func (b *builder) bind(s statement) (statement, error) {
	if len(s.args) == 0 {
		return s, nil
	}
	if !single(s.args) {
		g := b.dry.Exec(s.sql, s.args...)
		if g.Error != nil {
			return s, fmt.Errorf("build %s: %w", s.sql, g.Error)
		}
		return statement{sql: g.Statement.SQL.String(), args: g.Statement.Vars}, nil
	}
	noBytes(s.args)
	if text, ok := b.texts.Load(s.sql); ok {
		return statement{sql: text.(string), args: s.args}, nil
	}
	var text strings.Builder
	n := 0
	for part := range strings.SplitSeq(s.sql, "?") {
		if n++; n > 1 {
			b.dry.BindVarTo(&text, &gorm.Statement{Vars: make([]any, n-1)}, nil)
		}
		text.WriteString(part)
	}
	if n-1 != len(s.args) {
		return s, fmt.Errorf("build %s: %d arguments for %d marks", s.sql, len(s.args), n-1)
	}
	b.texts.Store(s.sql, text.String())
	return statement{sql: text.String(), args: s.args}, nil
}

// noBytes makes bytes that are not there NULL, as dialect does where GORM builds
// the statement.
func noBytes(args []any) {
	for i, a := range args {
		if raw, ok := a.([]byte); ok && raw == nil {
			args[i] = nil
		}
	}
}

// single reports whether each argument is one value, and none a list.
func single(args []any) bool {
	for _, a := range args {
		switch a.(type) {
		case nil, string, int, int64, bool, float64, time.Time, *string, *time.Time, []byte, driver.Valuer:
			continue
		}
		t := reflect.TypeOf(a)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.String, reflect.Int, reflect.Int64, reflect.Bool, reflect.Float64:
		default:
			return false
		}
	}
	return true
}
