// Products of float32 inputs with weights as they are: codes become numbers in registers and nothing is rounded before
// it is multiplied. Included inside each ISA's own namespace, after unpack.inl.h.
//
// An output element runs through its columns from first to last in one float32 sum, like the products of attention, so
// that either may stand in for the other.

// P neighbouring panels go side by side, since a single sum has to wait for itself at every column.
template <class Code, class Scale, int P>
struct ExactTile {
    template <int j, int T, class Group>
    static void add_vectors(const Group& group, const Scale& scale, const float* x, int n, F (&sums)[T]) {
        const B q = group.template vector<j>();
        const auto line = line_of(scale, j / 4);
        QUATRE_UNROLL
        for (int i = 0; i < 4; ++i, x += n) {
            const F w = line.value(f_from_code(q, i));
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) sums[t] = f_fma(w, f_all(x[t]), sums[t]);
        }
    }

    template <int j, int T, class Group>
    static void add_group(const Group (&groups)[P], const Scale (&scales)[P], const float* x, int n, F (&sums)[P][T]) {
        if constexpr (j < 8) {
            QUATRE_UNROLL
            for (int p = 0; p < P; ++p) add_vectors<j>(groups[p], scales[p], x, n, sums[p]);
            add_group<j + 1>(groups, scales, x + 4 * n, n, sums);
        }
    }

    template <int T, int... p>
    static void run_panels(const MultiplyTask& task, int panel, int token, int n, std::integer_sequence<int, p...>) {
        const PanelFormat& format = task.w.format;
        const Code code(format);
        const long panel_bytes = format.panel_bytes(task.w.cols);
        const std::uint8_t* codes = task.w.panel(panel);
        const std::uint8_t* scales = codes + format.code_bytes(task.w.cols);
        const auto* x = reinterpret_cast<const float*>(task.x.from(token).numbers);
        F sums[P][T];
        for (auto& rows : sums) {
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) rows[t] = f_zero();
        }
        for (long g = 0; g < task.w.cols / kGroup; ++g, codes += code.bytes(), x += n * kGroup) {
            (fetch_ahead<T>(codes + p * panel_bytes, code.bytes()), ...);
            const Scale here[P] = {Scale(format, scales + p * panel_bytes, g, codes + p * panel_bytes)...};
            const decltype(group_of(code, codes)) groups[P] = {group_of(code, codes + p * panel_bytes)...};
            add_group<0>(groups, here, x, n, sums);
        }
        (write_tile<T>(task, panel + p, token, n, sums[p]), ...);
    }

    template <int T>
    static void run(const MultiplyTask& task, int panel, int token, int n) {
        run_panels<T>(task, panel, token, n, std::make_integer_sequence<int, P>());
    }
};

struct ExactMultiplication {
    const MultiplyTask& task;
    template <class Code, class Scale>
    void run() const {
        constexpr int kPanels = 4;
        MultiplyTask rest = task;
        if (task.tiles.tokens == 1)
            for (; rest.panel + kPanels <= task.panel_end; rest.panel += kPanels)
                ExactTile<Code, Scale, kPanels>::template run<1>(task, rest.panel, 0, 1);
        run_task<ExactTile<Code, Scale, 1>>(rest);
    }
};

// As multiply(), with inputs of InputFormat::f32 whatever the weights are.
void multiply_exactly(const MultiplyTask& task) {
    if (task.w.format.floating()) return multiply(task);
    with_quantised(task.w.format, ExactMultiplication{task});
}
