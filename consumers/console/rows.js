// A table of records: what it is given, and what is added to it while one looks, the latest first.
export default {
  template: `
    <table class="alerts" :aria-label="label">
      <thead>
        <tr>
          <th v-if="choosing"><input type="checkbox" aria-label="Choose all that are shown" :checked="all" @change="chooseAll" /></th>
          <th v-for="column in columns" :key="column">{{ column }}</th>
        </tr>
      </thead>
      <tbody>
        <tr v-for="row in shown" :key="row.id" :data-row="row.id">
          <td v-if="choosing"><input type="checkbox" :aria-label="'Choose ' + row.name" :checked="chosen.includes(row.id)" @change="choose(row.id)" /></td>
          <td v-for="(cell, i) in row.cells" :key="i" :class="i === row.cells.length - 1 ? 'what' : 'few'">
            <a v-if="i === link" :href="row.href" :target="target">{{ cell }}</a><template v-else>{{ cell }}</template>
          </td>
        </tr>
        <tr v-if="!shown.length"><td :colspan="columns.length + 1" class="soft">{{ empty }}</td></tr>
      </tbody>
    </table>`,
  props: { label: String, columns: Array, rows: Array, choosing: Boolean, empty: String, link: Number, target: String },
  data() {
    return { added: [], chosen: [] };
  },
  computed: {
    shown() {
      return this.added.length ? [...this.added, ...this.rows] : this.rows;
    },
    all() {
      return this.shown.length > 0 && this.shown.every((row) => this.chosen.includes(row.id));
    },
  },
  methods: {
    add(rows, most) {
      this.added = [...rows.reverse(), ...this.added].slice(0, most);
    },
    clear() {
      this.added = [];
      this.say([]);
    },
    choose(id) {
      this.say(this.chosen.includes(id) ? this.chosen.filter((one) => one !== id) : [...this.chosen, id]);
    },
    chooseAll(event) {
      this.say(event.target.checked ? this.shown.map((row) => row.id) : []);
    },
    say(chosen) {
      this.chosen = chosen;
      this.$emit("chosen", chosen);
    },
  },
};
